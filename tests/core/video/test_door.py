from dataclasses import replace

import pytest

from core.labels import GENDER_WEAR_8, LABEL_SETS, SUBTYPES
from core.reasons import ADVICE
from core.video.analysis import Person
from core.video.door import ANSWERS, ONE_BY_ONE, OTHER, READING, WAITING, door_answer
from tests.core.video.people import EVEN, OWN, person


def test_nobody_is_waited_for():
    assert door_answer([]) == WAITING


@pytest.mark.parametrize(
    ("label", "answer"),
    [("with_mask", "properly"), ("incorrect_mask", "wrongly"), ("without_mask", "not")],
)
def test_one_person_is_told_how_they_wear_their_mask(label, answer):
    assert door_answer([person(1, label)]) == answer


def test_who_surely_wears_it_wrong_or_not_is_told_though_it_is_not_clear_which():
    assert door_answer([person(1, probabilities=EVEN)]) == "not_properly"


def worn_so(subtype: str) -> Person:
    """Somebody whose mask is worn wrongly, and how."""
    wrongly = person(1, "incorrect_mask")
    prediction = replace(wrongly.face.prediction, subtypes={subtype: 0.9, "other": 0.1})
    return replace(wrongly, face=replace(wrongly.face, prediction=prediction))


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_who_wears_it_wrongly_is_told_what_to_change(subtype):
    assert door_answer([worn_so(subtype)]) == subtype


@pytest.mark.parametrize("reason", ADVICE)
def test_of_whom_nothing_can_be_told_is_told_what_to_do(reason):
    assert door_answer([person(1, reason=reason)]) == reason


@pytest.mark.parametrize("reason", [None, "dark"])
def test_nothing_is_said_before_the_answer_has_stood(reason):
    assert door_answer([person(1, settled=False, reason=reason)]) == READING


def test_a_label_of_ones_own_is_shown_elsewhere():
    assert door_answer([person(1, "helmet", labels=OWN)]) == OTHER


def test_the_nearest_is_spoken_to_in_whatever_order_they_come():
    near, far = person(1, "without_mask", side=100), person(2, "with_mask", side=60)
    assert door_answer([near, far]) == door_answer([far, near]) == "not"


def test_who_passes_behind_does_not_keep_the_nearest_waiting():
    crowd = [person(number, settled=False, side=30) for number in range(2, 1000)]
    assert door_answer([*crowd, person(1, side=100)]) == "properly"


@pytest.mark.parametrize(("side", "answer"), [(69, "properly"), (70, ONE_BY_ONE), (100, ONE_BY_ONE)])
def test_two_side_by_side_are_asked_to_come_one_by_one(side, answer):
    assert door_answer([person(1, side=100), person(2, "without_mask", side=side)]) == answer


def test_two_who_have_just_come_are_asked_at_once():
    assert door_answer([person(1, settled=False), person(2, settled=False)]) == ONE_BY_ONE


def test_every_answer_is_in_the_list_that_the_words_are_made_for():
    people = [person(1, label, labels=labels) for labels in LABEL_SETS.values() for label in labels]
    people += [person(1, reason=reason) for reason in ADVICE]
    people += [person(1, probabilities=EVEN), *map(worn_so, SUBTYPES)]
    people += [person(1, "cap", labels=OWN), person(1, settled=False)]
    given = {door_answer([one]) for one in people} | {door_answer([]), door_answer(people[:2])}
    assert given == set(ANSWERS) and len(set(ANSWERS)) == len(ANSWERS)


def test_a_face_read_with_its_gender_is_told_the_same():
    told = [door_answer([person(1, label, labels=GENDER_WEAR_8)]) for label in GENDER_WEAR_8]
    assert told == ["properly", "wrongly", "wrongly", "not"] * 2
