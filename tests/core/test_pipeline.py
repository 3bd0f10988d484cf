from dataclasses import replace

import numpy as np
import pytest

from core.classification.classifier import Classifier
from core.decision import OperatingPoint
from core.labels import DEPICTION, MASK_3, NOT_A_FACE, SUBTYPES, appearance
from core.models.card import QualityThresholds, Threshold
from core.pipeline import Pipeline
from core.reasons import ADVICE
from core.results import CannotTell, Detection, Frame
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


def test_what_finds_points_says_how_a_head_is_turned_whatever_the_detector_said(pipeline, monkeypatch):
    class UpsideDown:
        def locate(self, frame, detections):
            asked.append(len(detections))
            return tuple(replace(face, landmarks=over) for face in detections)

    over = ((40.0, 40.0), (20.0, 40.0), (30.0, 32.0), (38.0, 22.0), (22.0, 22.0))
    upright = ((20.0, 22.0), (40.0, 22.0), (30.0, 30.0), (22.0, 40.0), (38.0, 40.0))
    asked, seen = [], []
    predict = pipeline.classifier.predict
    monkeypatch.setattr(pipeline.classifier, "predict", lambda crops: [seen.extend(crops), predict(crops)][1])
    picture, face = Frame(np.random.default_rng(0).integers(0, 256, (80, 100, 3), np.uint8)), (10, 10, 50, 50)
    detections = [Detection(face, 0.9, "two", upright)]
    pipeline.classify(picture, detections)
    (measured,) = replace(pipeline, landmarks=UpsideDown()).classify(picture, detections)
    assert asked == [1] and measured.detection.landmarks == over and measured.quality.roll == 180
    assert np.abs(seen[0][::-1, ::-1].astype(int) - seen[1]).max() <= 1


CLASSES = (
    *("with_mask", "incorrect_mask/nose_out", "incorrect_mask/elsewhere", "without_mask"),
    *(NOT_A_FACE, DEPICTION),
)


class Said:
    """An engine that answers the same, whatever it is asked; a row a face."""

    name = "onnx"

    def __init__(self, *rows):
        self.rows = np.array(rows, np.float32)

    def run(self, batch):
        return self.rows[: len(batch)]


def said(*rows, **facts):
    pipeline = Pipeline(TwoFaces(), Classifier(toy_card(classes=CLASSES, **facts), Said(*rows)))
    return pipeline.check(frame(), min_score=0.0)


class Near:
    """Finds a face, and a place that scores a little under the operating point."""

    name, operating_point = "near", 0.5
    places = (Detection((10, 10, 50, 50), 0.9, "near"), Detection((60, 10, 90, 40), 0.44, "near"))

    def detect(self, frame, min_score=None):
        return tuple(face for face in self.places if face.score >= min_score)


FACE, SURELY_A_FACE = (0.9, 0.0, 0.0, 0.0, 0.1, 0.0), (0.995, 0.0, 0.0, 0.0, 0.005, 0.0)


def test_a_candidate_is_a_face_where_the_classifier_is_sure_of_it():
    def faces(*rows, min_score=None):
        pipeline = Pipeline(Near(), Classifier(toy_card(classes=CLASSES), Said(*rows)))
        result = pipeline.check(frame(), min_score=min_score)
        assert result.dropped == 0  # a candidate that is none was never taken for a face
        return [face.detection.score for face in result.faces]

    assert faces(FACE, SURELY_A_FACE) == [0.9, 0.44]
    assert faces(SURELY_A_FACE, FACE) == faces(FACE, FACE) == [0.9]
    assert faces(FACE, FACE, min_score=0.43) == [0.9, 0.44]  # a score that is asked for is the only rule
    assert faces(SURELY_A_FACE, SURELY_A_FACE, min_score=0.45) == [0.9]


def test_a_model_that_does_not_tell_what_is_no_face_is_shown_no_candidate():
    engine = CountingEngine()
    pipeline = Pipeline(Near(), Classifier(toy_card(), engine))
    found = pipeline.find(frame())
    assert [face.score for face in found] == [0.9, 0.44]
    assert [measured.detection.score for measured in pipeline.classify_photo(frame(), found)] == [0.9]
    assert engine.batches == [(1, 32, 32, 3)]


NOTHING, DRAWN = (0.3, 0.05, 0.05, 0.0, 0.6, 0.0), (0.1, 0.1, 0.1, 0.1, 0.0, 0.6)
NOSE = (0.1, 0.4, 0.1, 0.1, 0.2, 0.1)


def test_what_is_no_face_is_left_out_and_counted():
    result = said(NOTHING, NOSE)
    assert result.dropped == 1 and [face.detection.score for face in result.faces] == [0.4]
    assert result.as_json("a.jpg")["dropped"] == 1 and len(result.as_json("a.jpg")["faces"]) == 1
    assert said(NOTHING, NOTHING).faces == () and said(NOSE, NOSE).dropped == 0
    stricter = said(NOTHING, NOSE, refused_from={NOT_A_FACE: 0.7, DEPICTION: 0.7})
    assert stricter.dropped == 0 and stricter.faces[0].answer == "with_mask"


def test_a_drawing_is_not_judged_and_says_so():
    face = said(DRAWN, NOSE).faces[0]
    assert face.answer == "cannot_tell" and face.cannot_tell == CannotTell(DEPICTION, ADVICE[DEPICTION])


def test_a_mask_worn_wrongly_says_how():
    face = said(NOSE, NOSE).faces[0]
    by_label = {"with_mask": 1 / 7, "incorrect_mask": 5 / 7, "without_mask": 1 / 7}
    assert face.prediction.by_label == pytest.approx(by_label)
    assert face.prediction.subtypes == pytest.approx({"nose_out": 0.8, "elsewhere": 0.2})
    assert face.prediction.subtype == face.as_json()["subtype"] == "nose_out"
    assert face.sentence == SUBTYPES["nose_out"]
    on = said((0.7, 0.2, 0.0, 0.1, 0.0, 0.0), NOSE).faces[0]
    assert on.answer == "with_mask" and on.prediction.subtype is None and on.as_json()["subtype"] is None


def test_a_way_without_half_of_the_probability_is_not_named():
    classes = (*MASK_3.labels, "incorrect_mask/nose_out", "incorrect_mask/mouth_out")
    card = toy_card(classes=classes)
    pipeline = Pipeline(TwoFaces(), Classifier(card, Said((0.1, 0.2, 0.1, 0.39, 0.21))))
    (face,) = pipeline.check(frame()).faces
    assert face.answer == "incorrect_mask" and face.prediction.subtype is None  # .39 of .8
    assert face.sentence == appearance("incorrect_mask").sentence
