"""A row for each person, in their order, whose bars are seen on any ground and tell when."""

import pytest

from core.labels import appearance
from core.video.films.people import FilmPerson, Segment
from ui.figures.film_timeline import figure

PEOPLE = [
    FilmPerson(1, (Segment(0, 3, "without_mask"), Segment(3, 8, "with_mask")), None),
    FilmPerson(2, (Segment(1, 4, "cannot_tell"),), None),
    FilmPerson(10, (Segment(2, 8, "incorrect_mask"),), None),
]


def test_each_answer_is_a_bar_in_its_colour_and_has_a_pattern_of_its_own():
    *bars, _ = figure(PEOPLE, 0, 8).data
    found = {(bar.y[0], bar.base[0], bar.x[0]): bar.marker for bar in bars}
    assert set(found) == {("1", 0, 3), ("1", 3, 5), ("2", 1, 3), ("10", 2, 6)}
    for person in PEOPLE:
        for segment in person.segments:
            marker = found[str(person.id), segment.start, segment.seconds]
            assert marker.color == appearance(segment.answer).colour
            assert marker.pattern.fillmode == "overlay"  # else it is white on the page's white
    assert len({marker.pattern.shape for marker in found.values()}) == 4


def test_every_person_has_a_row_in_their_order():
    axis = figure(PEOPLE, 0, 8).layout.yaxis
    assert list(axis.categoryarray) == ["1", "2", "10"] and axis.tickmode == "linear"
    assert figure(PEOPLE, 0, 8).layout.height > figure(PEOPLE[:1], 0, 8).layout.height


def test_a_click_anywhere_in_a_bar_tells_when():
    places = figure(PEOPLE, 0, 8).data[-1]
    mine = [when for when, who in zip(places.customdata, places.y, strict=True) if who == "10"]
    assert mine[0] == pytest.approx(2, abs=0.05) and mine[-1] == 8 and len(mine) > 100
