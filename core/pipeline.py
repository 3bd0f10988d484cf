"""Frame -> detections -> crops -> one batched call -> quality gate -> Result.

The steps are apart so that a caller may keep what did not change: detections when only the model changes,
readings when only the operating point does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from core.classification import Classifier, Quality, judge, measure
from core.decision import OperatingPoint
from core.detection import FaceDetector
from core.images import crop_face
from core.results import Detection, FaceResult, Frame, Prediction, Result


@dataclass(frozen=True, slots=True)
class Reading:
    """A face as measured, before any operating point: calibrated probabilities in label order."""

    detection: Detection
    probabilities: tuple[float, ...]
    quality: Quality


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A detector and a classifier. Safe to share between threads."""

    detector: FaceDetector
    classifier: Classifier

    def read(self, frame: Frame, detections: Sequence[Detection]) -> tuple[Reading, ...]:
        """All faces in one batched call."""
        scale = self.classifier.card.crop_scale
        probabilities = self.classifier.predict([crop_face(frame, d.box, scale) for d in detections])
        return tuple(
            Reading(d, tuple(map(float, p)), measure(frame, d))
            for d, p in zip(detections, probabilities, strict=True)
        )

    def answer(
        self, readings: Sequence[Reading], point: OperatingPoint | None = None
    ) -> tuple[FaceResult, ...]:
        """Apply the operating point, by default the classifier's, and the quality gate."""
        card = self.classifier.card
        results = []
        for reading in readings:
            prediction = Prediction(
                card.label_set, reading.probabilities, point or self.classifier.operating_point
            )
            cannot_tell = judge(reading.quality, prediction, card.quality)
            results.append(FaceResult(reading.detection, prediction, cannot_tell))
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
        faces = self.answer(self.read(frame, detections), point)
        done = time.perf_counter()
        return Result(
            width=frame.width,
            height=frame.height,
            faces=faces,
            model=self.classifier.card.name,
            detector=self.detector.name,
            ms={"decode": decode_ms, "detect": (found - start) * 1000, "classify": (done - found) * 1000},
        )
