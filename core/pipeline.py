"""Frame -> detections -> crops -> one batched call -> quality gate -> Result.

Each step is a method, so that a caller may keep what did not change: detections when only the model changes,
measurements when only the operating point does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.classification import (
    Classifier,
    Quality,
    in_the_picture,
    judge,
    load_classifier,
    measure,
    quarter_turns,
    sureness,
    turn_back,
    turned_picture,
)
from core.decision import OperatingPoint
from core.detection import FaceDetector, load_detector
from core.images import crop_face
from core.labels import DEPICTION, NOT_A_FACE
from core.results import Detection, FaceResult, Frame, Prediction, Result


@dataclass(frozen=True, slots=True)
class FaceMeasurement:
    """What is measured of a face, before any operating point.

    Probabilities are calibrated: in label order, that it is no face, that it is a depiction, and, given that
    a mask is worn wrongly, of each way that the network tells.
    """

    detection: Detection
    probabilities: tuple[float, ...]
    quality: Quality
    not_a_face: float = 0.0
    depiction: float = 0.0
    subtypes: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A detector and a classifier. Safe to share between threads."""

    detector: FaceDetector
    classifier: Classifier

    def classify(self, frame: Frame, detections: Sequence[Detection]) -> tuple[FaceMeasurement, ...]:
        """All faces in one batched call, in the order of `detections`. Raises `ModelError`.

        A face that lies on its side or upside down is turned upright first.
        """
        scale = self.classifier.card.crop_scale
        crops = [crop_face(frame, d.box, scale, turn_back(d.landmarks)) for d in detections]
        said = self.classifier.predict(crops)
        return tuple(
            FaceMeasurement(
                detection=detection,
                probabilities=tuple(said.labels[i].tolist()),
                quality=measure(frame, detection),
                not_a_face=float(said.not_a_face[i]),
                depiction=float(said.depiction[i]),
                subtypes=tuple(said.subtypes[i].tolist()),
            )
            for i, detection in enumerate(detections)
        )

    def classify_photo(
        self, frame: Frame, detections: Sequence[Detection], min_score: float | None = None
    ) -> tuple[FaceMeasurement, ...]:
        """As `classify`; of a photo that lies on its side or upside down, the faces found in it upright.

        Raises `ModelError` or `DetectorError`.
        """
        measurements = self.classify(frame, detections)
        if not measurements:
            return ()
        turns = quarter_turns(self.classifier, frame, detections, _sureness(measurements))
        if not turns:
            return measurements
        turned = turned_picture(frame, turns)
        found = self.detector.detect(turned, min_score)
        again = self.classify(frame, [in_the_picture(detection, turns, turned) for detection in found])
        surer = again and _sureness(again).mean() > _sureness(measurements).mean()
        return again if surer else measurements

    def answer(
        self, measurements: Sequence[FaceMeasurement], point: OperatingPoint | None = None
    ) -> tuple[FaceResult, ...]:
        """Apply the operating point, by default the classifier's, and the quality gate.

        What the classifier takes for no face is left out.
        """
        card = self.classifier.card
        known, from_ = card.class_set.subtypes, card.refused_from
        results = []
        for measured in measurements:
            if measured.not_a_face >= from_[NOT_A_FACE]:
                continue
            prediction = Prediction(
                card.label_set,
                measured.probabilities,
                point or self.classifier.operating_point,
                dict(zip(known, measured.subtypes, strict=True)),
            )
            cannot_tell = judge(
                measured.quality, prediction, card.quality, depiction=measured.depiction >= from_[DEPICTION]
            )
            results.append(FaceResult(measured.detection, prediction, cannot_tell))
        return tuple(results)

    def check(
        self,
        frame: Frame,
        *,
        min_score: float | None = None,
        point: OperatingPoint | None = None,
        decode_ms: float = 0.0,
    ) -> Result:
        """One picture's answer. `decode_ms` is the caller's, for the record."""
        start = time.perf_counter()
        detections = self.detector.detect(frame, min_score)
        found = time.perf_counter()
        measurements = self.classify_photo(frame, detections, min_score)
        done = time.perf_counter()
        ms = {"decode": decode_ms, "detect": (found - start) * 1000, "classify": (done - found) * 1000}
        return self.result((frame.width, frame.height), measurements, point, ms=ms, note=frame.note)

    def result(
        self,
        size: tuple[int, int],
        measurements: Sequence[FaceMeasurement],
        point: OperatingPoint | None = None,
        *,
        ms: Mapping[str, float],
        note: str = "",
    ) -> Result:
        """The answer to a picture of `size`, width and height in pixels; `ms` and `note` as in `Result`."""
        faces = self.answer(measurements, point)
        return Result(
            width=size[0],
            height=size[1],
            faces=faces,
            model=self.classifier.card.name,
            detector=self.detector.name,
            ms=ms,
            dropped=len(measurements) - len(faces),
            note=note,
        )


def _sureness(measurements: Sequence[FaceMeasurement]) -> np.ndarray:
    labels = np.array([measured.probabilities for measured in measurements])
    return sureness(labels, np.array([measured.not_a_face for measured in measurements]))


def load_pipeline(model: str | None = None, detector: str | None = None) -> Pipeline:
    """A pipeline ready for its first picture, by default of the weights that `MASKWISE_WEIGHTS` chooses.

    Loading takes a second or so: keep what is returned. Nothing is fetched while Maskwise's own detector is
    at hand and no other is named. Raises `ModelError`, `RecordError`, `DetectorError` or `SettingsError`.
    """
    return Pipeline(load_detector(detector), load_classifier(model))
