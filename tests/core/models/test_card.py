"""Fields of a card that came later, so that cards of before stay readable."""

import json

import pytest

from core.errors import RecordError
from core.models.card import CARD_FILE, read_card
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
