import json

import numpy as np
import pytest

from core.decision import OperatingPoint
from core.labels import GENDER_WEAR_8, MASK_2, MASK_3, LabelSet
from core.results import CannotTell, Detection, FaceResult, Frame, Prediction, Result

FACE = Detection((1.04, 2, 30, 44), 0.9, "haar")
SURE = Prediction(MASK_3, (0.1, 0.2, 0.7), OperatingPoint(0.3))


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_a_frame_checks_its_shape_at_the_door(array):
    with pytest.raises(ValueError, match="rgb must be"):
        Frame(array)


def test_prediction_names_the_best_label_and_its_lead():
    assert SURE.label == "without_mask"
    assert SURE.probability == 0.7
    assert SURE.margin == pytest.approx(0.8)  # of "not worn properly" over "worn properly"
    assert SURE.worn_properly is False and SURE.worn_properly_probability == pytest.approx(0.1)
    assert (SURE.unclear_between, SURE.answer, SURE.confidence) == ((), "without_mask", 0.7)


def test_a_face_that_is_surely_not_worn_properly_is_named_though_it_is_not_clear_how():
    even = Prediction(MASK_3, (0.0, 0.51, 0.49), OperatingPoint(0.4))
    assert even.margin == pytest.approx(1)
    assert (even.label, even.answer) == ("incorrect_mask", "not_properly")
    assert even.unclear_between == ("incorrect_mask", "without_mask")
    assert even.confidence == pytest.approx(1) and even.probability == 0.51
    assert even.sentence == "Not worn properly: worn incorrectly or no mask."
    told, untold = FaceResult(FACE, even), FaceResult(FACE, even, CannotTell("dark", "Add light."))
    assert (told.answer, told.sentence) == ("not_properly", even.sentence)
    assert (untold.answer, untold.sentence) == ("cannot_tell", "Add light.")
    assert told.as_json()["label"] == "incorrect_mask" and told.as_json()["cannot_tell"] is None
    assert told.as_json()["unclear_between"] == ["incorrect_mask", "without_mask"]


@pytest.mark.parametrize(
    ("labels", "probabilities", "worn_properly", "of_it"),
    [
        (MASK_2, (0.7, 0.3), True, 0.7),
        (MASK_3, (0.45, 0.3, 0.25), False, 0.45),
        (GENDER_WEAR_8, (0.3, 0.1, 0.0, 0.0, 0.35, 0.0, 0.05, 0.2), True, 0.65),
        (LabelSet("own", ("helmet", "cap")), (0.7, 0.3), None, None),
    ],
)
def test_a_prediction_says_whether_the_mask_is_worn_properly_where_labels_tell(
    labels, probabilities, worn_properly, of_it
):
    said = Prediction(labels, probabilities)
    assert said.worn_properly is worn_properly
    assert said.worn_properly_probability == (None if of_it is None else pytest.approx(of_it))
    assert said.as_json()["worn_properly"] is worn_properly


def test_prediction_refuses_the_wrong_number_of_probabilities():
    with pytest.raises(ValueError, match="2 probabilities for 3 labels"):
        Prediction(MASK_3, (0.5, 0.5))


def test_cannot_tell_is_an_answer_of_its_own():
    told = FaceResult(FACE, SURE)
    untold = FaceResult(FACE, SURE, CannotTell("dark", "Add light."))
    result = Result(60, 50, (told, untold, told), "mask3", "haar", {"decode": 1.26})
    assert result.counts() == {"without_mask": 2, "cannot_tell": 1}


def test_json_has_the_stable_fields():
    untold = FaceResult(FACE, SURE, CannotTell("dark", "Add light."))
    result = Result(60, 50, (untold,), "mask3", "haar", {"decode": 1.26, "detect": 2, "classify": 3})
    line = json.loads(json.dumps(result.as_json("a.jpg")))
    assert line == {
        "image": "a.jpg",
        "width": 60,
        "height": 50,
        "faces": [
            {
                "box": [1.0, 2, 30, 44],
                "score": 0.9,
                "answer": "cannot_tell",
                "confidence": None,
                "label": "without_mask",
                "probabilities": {"with_mask": 0.1, "incorrect_mask": 0.2, "without_mask": 0.7},
                "worn_properly": False,
                "worn_properly_probability": 0.1,
                "unclear_between": [],
                "subtype": None,
                "cannot_tell": {"reason": "dark", "advice": "Add light."},
            }
        ],
        "dropped": 0,
        "ms": {"decode": 1.3, "detect": 2, "classify": 3},
    }


POINTS = ((8.0, 10.0), (20.0, 10.0), (14.0, 18.0), (9.0, 25.0), (19.0, 25.0))


def test_a_face_of_a_picture_shown_at_another_size():
    found = FaceResult(Detection((4, 6, 24, 32), 0.9, "d", POINTS, visible=0.8), SURE, track_id=3)
    larger = found.scaled(2.5)
    assert larger.detection.box == (10, 15, 60, 80)
    assert larger.detection.landmarks[0] == (20, 25) and larger.detection.landmarks[4] == (47.5, 62.5)
    assert (larger.track_id, larger.prediction, larger.detection.visible) == (3, SURE, 0.8)
    assert larger.scaled(1 / 2.5) == found and found.detection.box == (4, 6, 24, 32)
    assert FaceResult(FACE, SURE).scaled(0.5).detection.landmarks is None


@pytest.mark.parametrize("box", [(0, 10, 20, 30), (43, 10, 50, 30), (0, 0, 50, 40), (17, 5, 18, 6)])
def test_a_mirrored_face_lies_on_the_same_pixels_of_the_mirrored_picture(box):
    rgb = np.zeros((40, 50, 3), np.uint8)
    x1, y1, x2, y2 = box
    rgb[y1:y2, x1:x2] = 255
    untold = CannotTell("dark", "Add light.")
    face = FaceResult(Detection(box, 0.9, "d", POINTS, visible=0.8), SURE, untold, 3)
    mirrored = face.mirrored(50)
    x1, y1, x2, y2 = mirrored.detection.box
    flipped = rgb[:, ::-1]
    assert flipped[y1:y2, x1:x2].min() == 255 and flipped.sum() == flipped[y1:y2, x1:x2].sum()
    assert (mirrored.track_id, mirrored.cannot_tell, mirrored.detection.visible) == (3, untold, 0.8)
    assert mirrored.detection.landmarks is None  # a right eye would lie where the left one is
    assert mirrored.mirrored(50).detection.box == box


def test_a_detection_is_moved_then_scaled_with_its_points():
    found = Detection((10, 20, 30, 60), 0.9, "d", ((12, 25),) * 5, visible=0.5)
    moved = found.moved(2.0, 5, -10)
    assert moved.box == (30, 20, 70, 100) and moved.landmarks == ((34, 30),) * 5
    assert (moved.score, moved.detector, moved.visible) == (0.9, "d", 0.5)
    assert Detection((0, 0, 1, 1), 0.9, "d").moved(3.0).landmarks is None
