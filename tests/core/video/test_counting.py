import math
from datetime import UTC, datetime, timedelta

import pytest

from core.labels import CANNOT_TELL, MASK_3
from core.video import counting as module
from core.video.counting import HISTORY, PeopleCounter
from tests.core.video.people import EVEN, OWN, person

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def after(seconds):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def counter():
    return PeopleCounter()


def logged(counter):
    return [(event.id, event.label) for event in counter.events]


def test_nobody_has_no_share(counter):
    counter.add([], NOON)
    totals = counter.totals
    assert (totals.now, totals.so_far, totals.judged, totals.properly) == (0, 0, 0, 0)
    assert math.isnan(totals.share)


def test_people_are_counted_once_however_many_frames_show_them(counter):
    for frame in range(50):
        counter.add([person(1), person(2, "without_mask")], after(frame / 10))
    counter.add([person(2, "without_mask"), person(3, "incorrect_mask")], after(6))
    totals = counter.totals
    assert (totals.now, totals.so_far, totals.judged, totals.properly) == (2, 3, 3, 1)
    assert totals.share == pytest.approx(1 / 3)


def test_who_has_left_is_not_here_now_but_was_seen(counter):
    counter.add([person(1)], NOON)
    counter.add([], after(1))
    assert (counter.totals.now, counter.totals.so_far) == (0, 1)


def test_an_answer_that_has_not_settled_is_neither_logged_nor_counted(counter):
    counter.add([person(1, settled=False)], NOON)
    assert (counter.totals.now, counter.totals.so_far, logged(counter)) == (1, 0, [])


def test_a_face_without_an_id_is_nobody(counter):
    counter.add([person(None)], NOON)
    assert (counter.totals.so_far, logged(counter)) == (0, [])


def test_each_change_of_an_answer_is_an_event(counter):
    for second, label in enumerate(["with_mask", "with_mask", "incorrect_mask", "incorrect_mask"]):
        counter.add([person(7, label)], after(second))
    assert logged(counter) == [(7, "with_mask"), (7, "incorrect_mask")]
    assert [event.time for event in counter.events] == [NOON, after(2)]
    assert counter.events[0].confidence == pytest.approx(0.8)
    assert counter.totals.so_far == 1


def test_a_person_lost_and_found_is_not_logged_again(counter):
    for second, people in enumerate([[person(1)], [], [], [person(1)]]):
        counter.add(people, after(second))
    assert logged(counter) == [(1, "with_mask")]


def test_of_whom_nothing_can_be_told_is_seen_and_logged_but_not_judged(counter):
    counter.add([person(1, reason="dark"), person(2)], NOON)
    totals = counter.totals
    assert (totals.so_far, totals.judged, totals.share) == (2, 1, 1)
    event = counter.events[0]
    assert event.label == CANNOT_TELL and math.isnan(event.confidence)


def test_who_surely_wears_it_wrong_or_not_is_judged_though_it_is_not_clear_which(counter):
    counter.add([person(1, probabilities=EVEN), person(2)], NOON)
    totals = counter.totals
    assert (totals.so_far, totals.judged, totals.properly) == (2, 2, 1)
    assert logged(counter) == [(1, "not_properly"), (2, "with_mask")]
    assert counter.events[0].confidence == pytest.approx(0.99)


def test_labels_of_ones_own_are_logged_and_say_nothing_of_a_mask(counter):
    counter.add([person(1, "helmet", labels=OWN)], NOON)
    assert logged(counter) == [(1, "helmet")]
    assert (counter.totals.so_far, counter.totals.judged) == (1, 0)
    assert counter.history[-1].properly == 0


def test_history_holds_a_line_a_second_as_its_last_frame_was(counter):
    counter.add([person(1)], after(0.1))
    counter.add([person(1), person(2, "without_mask")], after(0.9))
    counter.add([person(2, "without_mask", settled=False)], after(1.2))
    assert [(s.time, s.now, s.properly) for s in counter.history] == [(NOON, 2, 1), (after(1), 1, 0)]


def test_history_and_log_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "MOST_EVENTS", 20)
    counter = PeopleCounter()
    for second in range(HISTORY + 10):
        counter.add([person(second)], after(second))
    assert len(counter.history) == HISTORY and counter.history[-1].time == after(HISTORY + 9)
    assert [event.id for event in counter.events] == list(range(HISTORY - 10, HISTORY + 10))
    assert counter.totals.so_far == HISTORY + 10


def test_ids_are_remembered_up_to_a_bound_and_known_people_go_on(counter, monkeypatch):
    monkeypatch.setattr(module, "MOST_PEOPLE", 3)
    counter.add([person(number) for number in range(5)], NOON)
    assert (counter.totals.now, counter.totals.so_far) == (5, 3)
    counter.add([person(0, "without_mask"), person(4, "without_mask")], after(1))
    assert logged(counter)[-1] == (0, "without_mask")
    assert counter.totals.properly == 2


def test_a_thousand_people_at_once(counter):
    crowd = [person(number, MASK_3.labels[number % 2 * 2]) for number in range(1000)]
    counter.add(crowd, NOON)
    totals = counter.totals
    assert (totals.now, totals.so_far, totals.judged, totals.share) == (1000, 1000, 1000, 0.5)
    assert counter.history[-1].properly == 500


def test_who_turns_away_to_leave_keeps_what_was_told(counter):
    counter.add([person(1)], NOON)
    counter.add([person(1, reason="turned_away")], after(2))
    assert (counter.totals.judged, counter.totals.properly) == (1, 1)
    assert logged(counter) == [(1, "with_mask"), (1, CANNOT_TELL)]
    counter.add([person(1, "without_mask")], after(3))
    assert (counter.totals.judged, counter.totals.properly) == (1, 0)


def test_the_history_spans_minutes_whatever_pause_there_was(counter):
    counter.add([person(1)], NOON)
    counter.add([person(1)], after(2 * HISTORY))
    assert [second.time for second in counter.history] == [after(2 * HISTORY)]
