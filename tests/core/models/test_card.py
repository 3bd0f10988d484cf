"""Fields of a card that came later, so that cards of before stay readable."""

import json

import pytest

from core.errors import RecordError
from core.models.card import CARD_FILE, read_card, write_card
from core.models.installed import DEFAULT, SHIPPED


@pytest.fixture
def fields():
    return json.loads((SHIPPED / DEFAULT / CARD_FILE).read_text())


def test_a_card_from_before_warnings_has_none(tmp_path, fields):
    fields.pop("warning", None)
    (tmp_path / CARD_FILE).write_text(json.dumps(fields))
    assert read_card(tmp_path).warning == ""


def test_a_warning_is_read_back(tmp_path, fields):
    (tmp_path / CARD_FILE).write_text(json.dumps(fields | {"warning": "It guesses gender."}))
    assert read_card(tmp_path).warning == "It guesses gender."


@pytest.mark.parametrize("name", ["", "../mask3", ".hidden", "a b", "a" * 101, "mask3\n"])
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path, fields, name):
    (tmp_path / CARD_FILE).write_text(json.dumps(fields | {"name": name}))
    with pytest.raises(RecordError, match=r"card\.json: name"):
        read_card(tmp_path)


@pytest.mark.parametrize("margin", ["NaN", "Infinity", -0.1, 1.1])
def test_an_operating_point_that_is_no_lead_is_refused(tmp_path, fields, margin):
    fields["quality"]["min_margin"]["value"] = margin
    (tmp_path / CARD_FILE).write_text(json.dumps(fields))
    with pytest.raises(RecordError, match="min_margin"):
        read_card(tmp_path)


def test_a_card_says_how_far_a_head_may_be_turned_in_the_words_of_before_or_of_now_or_not(tmp_path, fields):
    limits = {name: limit for name, limit in fields["quality"].items() if name.startswith("min_")}
    limit = {"value": 40.0, "reason": "a test"}
    for given in ({}, {"max_turn": limit}, {"max_yaw": limit, "max_roll": limit}):
        (tmp_path / CARD_FILE).write_text(json.dumps(fields | {"quality": limits | given}))
        assert read_card(tmp_path).quality.given.keys() == limits.keys() | given.keys()
    both = limits | {"max_turn": limit, "max_yaw": limit}
    (tmp_path / CARD_FILE).write_text(json.dumps(fields | {"quality": both}))
    with pytest.raises(RecordError, match="max_turn"):
        read_card(tmp_path)


FINER = ["with_mask", "incorrect_mask/nose_out", "incorrect_mask", "without_mask", "not_a_face"]


def test_a_card_without_classes_has_its_labels(tmp_path, fields):
    for field in ("classes", "not_a_face_threshold", "depiction_threshold"):
        fields.pop(field, None)
    (tmp_path / CARD_FILE).write_text(json.dumps(fields))
    card = read_card(tmp_path)
    assert card.class_set.names == card.class_set.groups == card.labels.names
    assert card.refused_from == {"not_a_face": 0.5, "depiction": 0.5}


def test_classes_and_thresholds_are_read_back(tmp_path, fields):
    refused = {"not_a_face_threshold": {"value": 0.7, "reason": "a test"}, "depiction_threshold": None}
    (tmp_path / CARD_FILE).write_text(json.dumps(fields | {"classes": FINER} | refused))
    card = read_card(tmp_path)
    write_card(tmp_path, card)
    assert read_card(tmp_path) == card and card.class_set.names == tuple(FINER)
    assert card.refused_from == {"not_a_face": 0.7, "depiction": 0.5}


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"classes": FINER[:2]}, "none is without_mask"),
        ({"classes": ["x\n"]}, "classes"),
        ({"classes": [*FINER, *map(str, range(80))]}, "classes"),
        ({"classes": FINER, "not_a_face_threshold": {"value": 0, "reason": ""}}, "not_a_face_threshold"),
        ({"classes": FINER, "depiction_threshold": {"value": 0.5, "reason": ""}}, "depiction_threshold"),
    ],
)
def test_classes_that_do_not_fit_the_labels_are_refused(tmp_path, fields, wrong, problem):
    fields |= {"not_a_face_threshold": None, "depiction_threshold": None}
    (tmp_path / CARD_FILE).write_text(json.dumps(fields | wrong))
    with pytest.raises(RecordError, match=problem):
        read_card(tmp_path)
