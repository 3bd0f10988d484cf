"""What the browser is told of somebody in view."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.labels import APPEARANCES, CANNOT_TELL
from core.reasons import HINTS
from core.video.counting import Second
from core.video.state_json import as_json, as_row
from tests.core.video.people import EVEN, person

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_person_is_told_in_words_and_whole_tenths():
    told = as_json(person(7, "without_mask", side=40.04))
    assert json.loads(json.dumps(told)) == told  # nothing of numpy in it
    look = APPEARANCES["without_mask"]
    assert told["id"] == 7 and told["box"] == [0, 0, 40, 40] and told["velocity"] == [0, 0]
    assert (told["label"], told["confidence"]) == ("without_mask", 0.8)
    assert (told["icon"], told["words"], told["colour"]) == (look.icon, look.short, look.colour)


def test_who_surely_wears_it_wrong_or_not_is_told_so():
    told = as_json(person(7, probabilities=EVEN))
    assert (told["label"], told["words"], told["confidence"]) == ("not_properly", "Not worn properly", 0.99)


def test_who_cannot_be_told_is_told_what_to_do_and_no_confidence():
    told = as_json(person(7, reason="dark"))
    assert told["label"] == CANNOT_TELL and told["confidence"] is None
    assert told["words"] == HINTS["dark"]
    assert told["colour"] == APPEARANCES[CANNOT_TELL].colour


def test_a_second_is_when_how_many_and_of_them_how_many_properly():
    second = Second(NOON, now=3, properly=2)
    assert as_row(second) == (pytest.approx(NOON.timestamp()), 3, 2)


def test_how_a_mask_is_worn_wrongly_is_told_with_what_to_change():
    wrongly = person(7, "incorrect_mask")
    assert as_json(wrongly)["detail"] == ""
    prediction = replace(wrongly.face.prediction, subtypes={"nose_out": 0.8, "under_chin": 0.2})
    told = as_json(replace(wrongly, face=replace(wrongly.face, prediction=prediction)))
    assert told["detail"] == "The nose is out. Pull the mask up over it."
