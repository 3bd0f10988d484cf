"""Frame -> detections -> crops -> one batched call -> quality gate -> Result.

Each step is a method, so that a caller may keep what did not change: detections when only the model changes,
measurements when only the operating point does.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
from core.detection import FaceDetector, LandmarkFinder, load_detector, load_landmarks
from core.images import crop_face
from core.labels import DEPICTION, NOT_A_FACE
from core.results import Detection, FaceResult, Frame, Prediction, Result

# What scores so near a detector's operating point is a candidate: in a photo it is a face where the
# classifier is sure of it. In 214 validation pictures with 601 labelled faces 532 were found with 21 false
# ones, without candidates 523 with 16, and as many false ones made it 524; with YuNet 518 with 17, and 504
# with 17. A fifth more crops are classified for it.
_CANDIDATE_SHARE = 0.85
_SURELY_A_FACE = 0.01  # `not_a_face` below this


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
    """A detector, a classifier, and what finds the points of a face. Safe to share between threads.

    Without `landmarks` the detector's own points say how a head is turned, if it gives any.
    """

    detector: FaceDetector
    classifier: Classifier
    landmarks: LandmarkFinder | None = None

    def find(self, frame: Frame, min_score: float | None = None) -> tuple[Detection, ...]:
        """A photo's faces, best first: those of at least `min_score`.

        Without it the detector's operating point holds, and candidates are among them, of which
        `classify_photo` keeps some. The classifier has no part in it: with another, the same are found.
        Raises `DetectorError`.
        """
        candidates_from = _CANDIDATE_SHARE * self.detector.operating_point
        return self.detector.detect(frame, candidates_from if min_score is None else min_score)

    def classify(self, frame: Frame, detections: Sequence[Detection]) -> tuple[FaceMeasurement, ...]:
        """All faces in one batched call, in the order of `detections`. Raises `ModelError`.

        A face that lies on its side or upside down is turned upright first.
        """
        scale = self.classifier.card.crop_scale
        if self.landmarks:
            detections = self.landmarks.locate(frame, detections)
        turns = [turn_back(d.landmarks) for d in detections]
        crops = [crop_face(frame, d.box, scale, turn) for d, turn in zip(detections, turns, strict=True)]
        # Points may be wrong: a turned face is shown as it is, too, and the surer answer counts
        tilted = [i for i, turn in enumerate(turns) if turn]
        crops += [crop_face(frame, detections[i].box, scale) for i in tilted]
        said = self.classifier.predict(crops).surer(tilted)
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
        self, frame: Frame, found: Sequence[Detection], min_score: float | None = None
    ) -> tuple[FaceMeasurement, ...]:
        """As `classify`, of what `find` found with the same `min_score`: its faces without the candidates
        that the classifier is not sure of. Of a photo that lies on its side or upside down, the faces found
        in it upright.

        Raises `ModelError` or `DetectorError`.
        """
        measurements = self._faces(frame, found, min_score)
        if not measurements:
            return ()
        detections = [measured.detection for measured in measurements]
        turns = quarter_turns(self.classifier, frame, detections, _sureness(measurements))
        if not turns:
            return measurements
        turned = turned_picture(frame, turns)
        again = self._faces(turned, self.find(turned, min_score), min_score)
        better = again and (
            len(again) >= len(measurements) or _sureness(again).mean() > _sureness(measurements).mean()
        )
        if not better:
            return measurements
        return tuple(replace(m, detection=in_the_picture(m.detection, turns, turned)) for m in again)

    def _faces(
        self, frame: Frame, found: Sequence[Detection], min_score: float | None
    ) -> tuple[FaceMeasurement, ...]:
        """Those that count: with `min_score` all, else from the operating point on or surely a face."""
        if min_score is not None:
            return self.classify(frame, found)
        least = self.detector.operating_point
        tells = NOT_A_FACE in self.classifier.card.class_set.reserved
        measurements = self.classify(frame, [face for face in found if tells or face.score >= least])
        return tuple(m for m in measurements if m.detection.score >= least or m.not_a_face < _SURELY_A_FACE)

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
        found = self.find(frame, min_score)
        seen = time.perf_counter()
        measurements = self.classify_photo(frame, found, min_score)
        done = time.perf_counter()
        ms = {"decode": decode_ms, "detect": (seen - start) * 1000, "classify": (done - seen) * 1000}
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
    return Pipeline(load_detector(detector), load_classifier(model), load_landmarks())
