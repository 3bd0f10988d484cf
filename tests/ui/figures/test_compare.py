import pytest

from core.labels import BLUE, GREY, VERMILION
from core.metrics.paired import PairedCounts
from ui.figures.compare import agreement, differences, points, told

BETTER, WORSE, OPEN = PairedCounts(50, 2, 30, 18), PairedCounts(50, 30, 2, 18), PairedCounts(10, 2, 3, 5)


def test_what_can_be_told_is_read_off_the_interval():
    assert [told(counts) for counts in (BETTER, WORSE, OPEN)] == ["better", "worse", "open"]


def test_points_have_a_sign():
    assert points(0.0123) == "+1.2" and points(-0.5) == "−50.0"


def test_agreement_shows_each_count_in_its_cell():
    figure = agreement(PairedCounts(both=80, only_a=12, only_b=5, neither=3))
    shown = {(note.y, note.x): note.text for note in figure.layout.annotations}
    assert shown == {
        ("A right", "B right"): "<b>80</b><br>80.0%",
        ("A right", "B wrong"): "<b>12</b><br>12.0%",
        ("A wrong", "B right"): "<b>5</b><br>5.0%",
        ("A wrong", "B wrong"): "<b>3</b><br>3.0%",
    }
    heat = figure.data[0]
    place = {(y, x): heat.customdata[i][j][0] for i, y in enumerate(heat.y) for j, x in enumerate(heat.x)}
    assert place == {key: int(text.split("<b>")[1].split("<")[0]) for key, text in shown.items()}


def test_differences_have_points_intervals_and_what_can_be_told():
    figure = differences("By label", [("one", WORSE), ("two", OPEN), ("three", BETTER)], "points")
    by_row = {trace.y[0]: trace for trace in figure.data}
    assert [by_row[row].marker.color for row in range(3)] == [VERMILION, GREY, BLUE]
    assert len({trace.marker.symbol for trace in figure.data}) == 3
    for row, counts in enumerate((WORSE, OPEN, BETTER)):
        trace = by_row[row]
        low, high = counts.interval
        assert trace.x[0] == pytest.approx(100 * counts.difference)
        assert trace.x[0] - trace.error_x.arrayminus[0] == pytest.approx(100 * low)
        assert trace.x[0] + trace.error_x.array[0] == pytest.approx(100 * high)
        assert list(trace.customdata[0])[3:] == [counts.hits_a, counts.hits_b, counts.n]
    assert figure.layout.yaxis.ticktext == ("one<br>n = 100", "two<br>n = 20, few", "three<br>n = 100")
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]  # the first part on top


def test_parts_of_the_same_name_are_rows_of_their_own_and_tags_are_text():
    name = "<a href='https://example.org'>x</a>"
    figure = differences("By source", [(name, OPEN), (name, OPEN)], "points")
    assert list(figure.data[0].y) == [0, 1]
    assert "<a" not in str(figure.to_dict())
