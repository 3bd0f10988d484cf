import numpy as np
import pytest

from core.classification.classifier import Classifier
from core.decision import OperatingPoint
from core.models.card import QualityThresholds, Threshold
from core.pipeline import Pipeline
from core.results import Detection, Frame
from tests.counting_engine import CountingEngine
from tests.toy_card import toy_card


class TwoFaces:
    name = "two"
    operating_point = 0.5

    def detect(self, frame, min_score=None):
        least = self.operating_point if min_score is None else min_score
        faces = (Detection((10, 10, 50, 50), 0.9, "two"), Detection((60, 10, 64, 14), 0.4, "two"))
        return tuple(face for face in faces if face.score >= least)


@pytest.fixture
def pipeline():
    limits = {"min_face_px": 20, "min_margin": 0.3}
    quality = QualityThresholds(
        **{
            name: Threshold(value=limits.get(name, 0), reason="a test")
            for name in QualityThresholds.model_fields
            if name.startswith("min_")
        }
    )
    return Pipeline(TwoFaces(), Classifier(toy_card(quality=quality), CountingEngine()))


def frame():
    rgb = np.zeros((80, 100, 3), np.uint8)
    rgb[10:50, 10:50] = (200, 100, 0)
    return Frame(rgb)


def test_a_picture_is_answered_face_by_face(pipeline):
    result = pipeline.check(frame(), decode_ms=3.0)
    assert (result.width, result.height, result.model, result.detector) == (100, 80, "toy", "two")
    assert [face.answer for face in result.faces] == ["with_mask"]
    assert set(result.ms) == {"decode", "detect", "classify"} and result.ms["decode"] == 3.0


def test_a_lower_score_lets_more_faces_in_and_the_gate_speaks_for_each(pipeline):
    result = pipeline.check(frame(), min_score=0.05)
    assert [face.answer for face in result.faces] == ["with_mask", "cannot_tell"]
    assert result.faces[1].cannot_tell.reason == "too_small"
    assert pipeline.classifier.engine.batches == [(2, 32, 32, 3)]


def test_the_operating_point_changes_without_classifying_again(pipeline):
    measurements = pipeline.classify(frame(), pipeline.detector.detect(frame()))
    assert pipeline.answer(measurements)[0].answer == "with_mask"
    assert pipeline.answer(measurements, OperatingPoint(0.9))[0].cannot_tell.reason == "low_margin"
    assert len(pipeline.classifier.engine.batches) == 1


def test_no_face_is_a_result(pipeline):
    pipeline.detector.operating_point = 0.99
    result = pipeline.check(frame())
    assert result.faces == () and result.counts() == {}
