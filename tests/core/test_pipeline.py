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


def test_a_face_upside_down_is_turned_upright_before_the_network_sees_it(pipeline, monkeypatch):
    upright = np.random.default_rng(0).integers(0, 256, (80, 100, 3), np.uint8)
    points = ((20.0, 22.0), (40.0, 22.0), (30.0, 30.0), (22.0, 40.0), (38.0, 40.0))
    face = Detection((10, 10, 50, 50), 0.9, "two", points)
    over = Detection((50, 30, 90, 70), 0.9, "two", tuple((100 - x, 80 - y) for x, y in points))
    seen = []
    predict = pipeline.classifier.predict
    monkeypatch.setattr(pipeline.classifier, "predict", lambda crops: [seen.extend(crops), predict(crops)][1])
    pipeline.classify(Frame(upright), [face])
    (measured,) = pipeline.classify(Frame(np.ascontiguousarray(upright[::-1, ::-1])), [over])
    assert np.abs(seen[0].astype(int) - seen[1]).max() <= 1
    assert measured.quality.roll == 180 and measured.detection == over
