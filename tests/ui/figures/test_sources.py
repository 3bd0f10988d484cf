import json
import math

import pytest

from core.drawing.contrast import contrast
from core.models.card import LabelScore
from core.review.cross_source import Pair
from ui.figures.sources import MAX_ROWS, MAX_SOURCES, by_source, matrix

EVIL = "<a href='https://example.org'>x</a>"
NAN = math.nan
PAIRS = [
    Pair("a", "a", 0.99, (0.97, 1.0), 300),
    Pair("a", "b", 0.7, (0.6, 0.8), 1200),
    Pair("b", "a", NAN, (NAN, NAN), 0),
    Pair("b", "b", 0.9, (0.8, 0.95), 50),
]


def test_the_matrix_has_a_row_for_each_source_trained_on():
    figure = matrix(PAIRS, "Mean recall")
    (heat,) = figure.data
    assert list(heat.z[0]) == [0.99, 0.7] and math.isnan(heat.z[1][0]) and heat.z[1][1] == 0.9
    words = {(note.x, note.y): note.text for note in figure.layout.annotations}
    assert words[1, 0] == "<b>70.0%</b><br>n 1,200" and words[0, 1] == "no<br>examples"
    assert "60.0% to 80.0%" in heat.customdata[0][1] and "n = 1,200" in heat.customdata[0][1]
    assert figure.layout.yaxis.autorange == "reversed"
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("tested on", "trained on")


def test_own_sources_are_outlined():
    shapes = matrix(PAIRS, "Mean recall").layout.shapes
    assert [(s.x0 + s.x1, s.y0 + s.y1) for s in shapes] == [(0, 0), (2, 2)]


def test_ink_is_read_on_the_colour_that_the_heat_map_has():
    figure = matrix(PAIRS, "Mean recall")
    ends = dict(figure.data[0].colorscale)
    inks = {(note.x, note.y): note.font.color for note in figure.layout.annotations}
    assert contrast(inks[0, 0], ends[1]) > 4.5  # the highest
    assert contrast(inks[1, 0], ends[0]) > 4.5  # the lowest
    assert inks[0, 1] is None  # nothing is filled: the theme's own


def test_one_pair_and_many_sources_can_be_drawn():
    assert matrix(PAIRS[:1], "x").data[0].z[0] == [0.99]
    assert matrix(PAIRS[2:3], "x").layout.annotations[0].text == "no<br>examples"
    many = [Pair(f"s{i}", f"s{j}", 0.5, (0.4, 0.6), 9) for i in range(20) for j in range(20)]
    assert len(matrix(many, "x").layout.annotations) == MAX_SOURCES**2


def score(source: str, label: str, hits: int, n: int, interval: tuple[float, float]) -> LabelScore:
    return LabelScore(
        source=source, label=label, n=n, predicted={label: n}, recall=hits / n, interval=interval
    )


SCORES = [score("web", "with_mask", 6, 12, (0.1, 0.9)), score("cam", "without_mask", 9, 10, (0.6, 0.98))]


def test_recall_by_source_has_its_interval():
    (dots,) = by_source(SCORES).data
    assert list(dots.x) == [0.5, 0.9]
    assert list(dots.error_x.array) == pytest.approx([0.4, 0.08])
    assert list(dots.error_x.arrayminus) == pytest.approx([0.4, 0.3])
    assert tuple(dots.customdata[1]) == ("cam", "No mask", 10, "60.0% to 98.0%")
    layout = by_source(SCORES).layout
    assert layout.yaxis.ticktext == ("web<br>✓ Mask on", "cam<br>✗ No mask")
    assert layout.yaxis.range == (1.5, -0.5)  # the first on top
    assert layout.xaxis.range[0] == pytest.approx(0.08)


def test_too_few_faces_to_tell_are_drawn_otherwise():
    many, few = by_source([*SCORES, score("tv", "with_mask", 3, 4, (0.3, 0.95))]).data
    assert list(few.x) == [0.75] and list(few.y) == [2] and list(many.y) == [0, 1]
    assert few.name == "Too few to tell" and few.marker.symbol != many.marker.symbol


def test_only_so_many_rows_are_drawn():
    assert len(by_source(SCORES * 100).data[0].x) == MAX_ROWS
    assert not by_source([]).data


def test_what_a_stranger_wrote_is_shown_as_it_is():
    figures = (
        matrix([Pair(EVIL, EVIL, 0.5, (0.4, 0.6), 9)], f"Recall of {EVIL}"),
        by_source([score(EVIL, EVIL, 1, 2, (0.1, 0.9))]),
    )
    for figure in figures:
        text = json.dumps(json.loads(figure.to_json()))
        assert "<a" not in text and "&lt;a href" in text
