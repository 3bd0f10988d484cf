import json
import math

import pytest

from core.errors import RecordError
from core.models.detector_card import (
    DETECTOR_CARD_FILE,
    DetectionScore,
    DetectorCard,
    read_detector_card,
    write_detector_card,
)

SCORE = {"way": "photo", "source": "crowds", "pictures": 3, "n": 20, "found": 18, "false": 2, "ap50": 0.9}
FIELDS = {
    "schema": 1,
    "name": "face_fpn",
    "summary": "finds faces",
    "architecture": "a small net",
    "parameters": 250_000,
    "weights": {"onnx": {"file": "model.onnx", "sha256": "0" * 64}},
    "min_score": {
        "photo": {"value": 0.4, "reason": "as many false as missed"},
        "live": {"value": 0.5, "reason": "a false face makes a person blink"},
    },
    "intended_use": "tests",
    "limits": ["none known"],
    "licence": "none",
    "licence_notes": [],
    "trained_by": "face_fpn-v1",
    "test": [SCORE, {**SCORE, "way": "live", "found": 12, "ap50": 0.6}],
}


def written(folder, **changes):
    (folder / DETECTOR_CARD_FILE).write_text(json.dumps(FIELDS | changes))
    return folder


def test_what_is_written_is_read(tmp_path):
    card = read_detector_card(written(tmp_path))
    assert card.min_score["live"].value == 0.5 and card.test[1].way == "live"
    write_detector_card(tmp_path / "copy", card)
    assert read_detector_card(tmp_path / "copy") == card
    assert card.input_size is None


def test_average_precision_of_pictures_without_a_face_is_not_a_number(tmp_path):
    none = {**SCORE, "n": 0, "found": 0, "ap50": "NaN"}
    (score,) = read_detector_card(written(tmp_path, test=[none])).test
    assert math.isnan(score.ap50)
    assert DetectionScore.model_validate(score.as_json()).false == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"min_score": {"photo": {"value": 0.4, "reason": ""}}}, "min_score.live is missing"),
        (
            {"min_score": {**FIELDS["min_score"], "live": {"value": 1, "reason": ""}}},
            "min_score.live must be",
        ),
        ({"min_score": {**FIELDS["min_score"], "night": {"value": 0.4, "reason": ""}}}, "min_score.night"),
        ({"test": [SCORE, SCORE]}, "test names a way and source twice"),
        ({"test": [{**SCORE, "found": 21}]}, "found says 21, but there are only 20"),
        ({"test": [{**SCORE, "ap50": 1.5}]}, "test.0.ap50"),
        ({"test": [{**SCORE, "way": "video"}]}, "test.0.way"),
        ({"weights": {}}, "weights"),
        ({"weights": {"onnx": {"file": "../../etc/passwd", "sha256": "0" * 64}}}, "weights.onnx.file"),
        ({"input_range": [-1, 1]}, "input_range must be 0 to 255"),
        ({"name": "../face"}, "name"),
        ({"summary": "x" * 10_000}, "summary"),
        ({"threshold": 0.5}, "threshold"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, changes, said):
    with pytest.raises(RecordError, match=DETECTOR_CARD_FILE) as refused:
        read_detector_card(written(tmp_path, **changes))
    assert said in str(refused.value)


def test_the_least_card_is_enough():
    card = DetectorCard.model_validate(FIELDS | {"test": ()})
    assert card.input_range == (0, 255) and card.channel_order == "rgb" and card.test == ()
