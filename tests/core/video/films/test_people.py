"""From glances to people, seconds and moments."""

import pytest

from core.decision import OperatingPoint
from core.labels import MASK_3
from core.reasons import ADVICE
from core.results import CannotTell, Detection, FaceResult, Prediction
from core.video.films.people import FilmPerson, PeopleLog, Segment, clock_words, label_of, moments_of
from core.video.films.sightings import Glance, Sightings

SURE = {label: tuple(0.98 if label == other else 0.01 for other in MASK_3) for label in MASK_3}


def face(track_id, label="with_mask", reason=None, box=(10.0, 10.0, 50.0, 50.0)):
    why = CannotTell(reason, ADVICE[reason]) if reason else None
    prediction = Prediction(MASK_3, SURE[label], OperatingPoint(0.1))
    return FaceResult(Detection(box, 0.9, "test"), prediction, why, track_id)


def log(*glances, until):
    people = PeopleLog()
    for glance in glances:
        people.add(glance)
    people.close(until)
    return people.segments()


def test_each_sighting_stands_for_half_of_the_time_to_its_neighbours():
    found = log(*(Glance(t, (face(1),)) for t in (0.0, 0.1, 0.2, 0.3)), Glance(0.4, ()), until=0.5)
    assert [(s.start, s.end) for s in found[1]] == [pytest.approx((0.0, 0.35))]


def test_somebody_who_is_there_all_the_time_is_there_all_the_time():
    found = log(*(Glance(t / 10, (face(1),)) for t in range(20)), until=2.0)
    assert sum(s.seconds for s in found[1]) == pytest.approx(2.0)


def test_a_gap_of_hours_is_nobodys_time():
    found = log(Glance(0.0, (face(1),)), Glance(9000.0, (face(1),)), until=9000.04)
    assert sum(s.seconds for s in found[1]) < 3


def test_a_cut_ends_the_time_where_it_is():
    found = log(Glance(0.0, (face(1),)), Glance(1.0, (face(2),), cut_at=0.9), until=1.5)
    assert [(s.start, s.end) for s in found[1]] == [pytest.approx((0.0, 0.9))]
    assert [(s.start, s.end) for s in found[2]] == [pytest.approx((0.9, 1.5))]


def test_an_answer_that_flickers_is_that_of_its_neighbours():
    labels = ["with_mask"] * 10 + ["without_mask"] * 2 + ["with_mask"] * 10
    found = log(*(Glance(t / 10, (face(1, label),)) for t, label in enumerate(labels)), until=2.2)
    assert [s.answer for s in found[1]] == ["with_mask"]
    assert found[1][0].seconds == pytest.approx(2.2)


def test_the_label_is_what_could_be_told_for_longest():
    assert label_of([Segment(0, 9, "cannot_tell"), Segment(9, 11, "with_mask")]) == "with_mask"
    assert label_of([Segment(0, 9, "cannot_tell")]) == "cannot_tell"


def test_moments_are_changes_that_last():
    person = FilmPerson(
        7,
        (
            Segment(0, 3, "with_mask"),
            Segment(3, 4, "cannot_tell"),
            Segment(4, 8, "without_mask"),
            Segment(8, 8.3, "incorrect_mask"),
            Segment(8.3, 10, "with_mask"),
        ),
        None,
    )
    comes = FilmPerson(8, (Segment(1, 5, "without_mask"),), None)
    assert [(m.at, m.id, m.words) for m in moments_of([person, comes])] == [
        (1, 8, "comes without a mask"),
        (4, 7, "takes the mask off"),
        (8.3, 7, "puts a mask on"),
    ]


def test_sightings_give_back_what_was_put_in():
    sightings = Sightings(MASK_3, OperatingPoint(0.1), "test")
    first = Glance(0.5, (face(1), face(2, "without_mask", "dark")), ((1.0, 2.0, 3.0, 4.0),), cut_at=0.25)
    sightings.add(first)
    sightings.add(Glance(0.75, ()))
    found = sightings[0]
    assert [(f.track_id, f.answer) for f in found.faces] == [(1, "with_mask"), (2, "cannot_tell")]
    assert found.faces[1].cannot_tell.reason == "dark" and found.faces[0].detection.box == (10, 10, 50, 50)
    assert (found.boxes, found.cut_at, found.at) == (((1.0, 2.0, 3.0, 4.0),), 0.25, 0.5)
    assert (sightings[1].faces, sightings[1].cut_at, len(sightings)) == ((), None, 2)


def test_whoever_waits_for_what_never_comes_is_told_so():
    sightings = Sightings(MASK_3, OperatingPoint(0.1), "test")
    assert not sightings.wait_for(0, 0.01)
    sightings.close(3.0)
    assert not sightings.wait_for(0, 60) and sightings.closed_at == 3.0


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00.0"), (67.46, "1:07.5"), (3727.5, "1:02:07.5")])
def test_times_are_written_as_people_read_them(seconds, words):
    assert clock_words(seconds) == words
