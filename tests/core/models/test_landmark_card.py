import json
import math

import pytest

from core.errors import RecordError
from core.models import LANDMARK_CARD_FILE, LandmarkCard, read_landmark_card, write_landmark_card

SCORE = {
    "source": "crowds",
    "n": 20,
    "roll_error": 4.0,
    "roll_error_of_nine_in_ten": 15.5,
    "yaw_correlation": 0.8,
}
FIELDS = {
    "schema": 1,
    "name": "face_landmarks",
    "summary": "finds points",
    "architecture": "a small net",
    "parameters": 160_000,
    "weights": {"onnx": {"file": "model.onnx", "sha256": "0" * 64}},
    "input_size": 64,
    "crop_scale": 1.3,
    "intended_use": "tests",
    "limits": ["none known"],
    "licence": "none",
    "licence_notes": [],
    "test": [SCORE],
}
PICTURES = {"name": "crowds", "role": "pictures", "licence": "MIT", "use": "any", "pictures": 3, "faces": {}}


def test_what_is_written_is_read(tmp_path):
    (tmp_path / LANDMARK_CARD_FILE).write_text(json.dumps(FIELDS))
    card = read_landmark_card(tmp_path)
    assert (card.input_size, card.crop_scale, card.test[0].roll_error) == (64, 1.3, 4.0)
    write_landmark_card(tmp_path / "copy", card)
    assert read_landmark_card(tmp_path / "copy") == card


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"input_range": [0, 1]}, "input_range must be 0 to 255"),
        ({"input_size": 8}, "input_size"),
        ({"input_size": 100_000}, "input_size"),
        ({"crop_scale": 0.5}, "crop_scale"),
        ({"weights": {}}, "weights"),
        ({"use": "any"}, "use says any, but data names no pictures"),
        ({"use": "any", "data": [{**PICTURES, "use": "research"}]}, "use says any, but data names crowds"),
        ({"test": [{**SCORE, "roll_error": 181}]}, "roll_error"),
        ({"test": [{**SCORE, "yaw_correlation": 1.1}]}, "yaw_correlation"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path, changes, said):
    (tmp_path / LANDMARK_CARD_FILE).write_text(json.dumps(FIELDS | changes))
    with pytest.raises(RecordError, match=said):
        read_landmark_card(tmp_path)


def test_the_correlation_of_faces_turned_alike_is_not_a_number(tmp_path):
    (tmp_path / LANDMARK_CARD_FILE).write_text(
        json.dumps(FIELDS | {"test": [{**SCORE, "yaw_correlation": "NaN"}]})
    )
    assert math.isnan(read_landmark_card(tmp_path).test[0].yaw_correlation)


def test_any_use_needs_pictures_that_allow_it():
    assert LandmarkCard.model_validate(FIELDS | {"use": "any", "data": [PICTURES]}).use == "any"
