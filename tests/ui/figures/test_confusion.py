"""The matrix: its numbers, colours that can be read on, a point under every cell, strangers' labels."""

import re

import numpy as np
import pytest

from core.drawing.contrast import contrast
from core.labels import GENDER_WEAR_8, MASK_3
from core.metrics.formatting import percent
from core.metrics.intervals import wilson
from ui.figures import confusion

COUNTS = np.array([[883, 7, 3], [67, 76, 16], [0, 0, 0]])


def texts(figure):
    return [annotation.text for annotation in figure.layout.annotations]


def test_counts_and_shares_of_a_row():
    assert texts(confusion.figure(COUNTS, MASK_3.labels, rates=False)) == "883 7 3 67 76 16 0 0 0".split()
    rates = texts(confusion.figure(COUNTS, MASK_3.labels, rates=True))
    assert rates[:6] == ["99%", "1%", "<1%", "42%", "48%", "10%"]
    assert rates[6:] == ["–"] * 3  # no examples, which is not 0


@pytest.mark.parametrize("rates", [False, True])
def test_every_number_can_be_read_on_its_cell(rates):
    """The colour that a number's ink was chosen for is the one that Plotly gives the cell."""
    figure = confusion.figure(COUNTS, MASK_3.labels, rates=rates)
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    for number in figure.layout.annotations:
        filled = [m for m in maps if np.isfinite(np.array(m.z)[int(number.y), int(number.x)])]
        if not filled:
            assert number.font.color is None  # on the page, in the theme's own ink
            continue
        (one,) = filled
        proportion = np.array(one.z)[int(number.y), int(number.x)] / one.zmax
        assert 0 <= proportion <= 1
        ends = [colour for _, colour in one.colorscale]
        rgb = [[int(end[i : i + 2], 16) for i in (1, 3, 5)] for end in ends]
        mixed = [round(a + (b - a) * proportion) for a, b in zip(*rgb, strict=True)]
        assert contrast(number.font.color, "#{:02x}{:02x}{:02x}".format(*mixed)) >= 4.5


def test_a_click_is_nearest_to_the_point_of_its_cell():
    figure = confusion.figure(np.eye(8, dtype=int), GENDER_WEAR_8.labels, rates=False, chosen=(6, 3))
    (points,) = (trace for trace in figure.data if trace.type == "scatter")
    assert figure.layout.hoverdistance == -1 and figure.layout.hovermode == "closest"
    assert all(trace.hoverinfo == "skip" for trace in figure.data if trace.type == "heatmap")
    assert len(points.customdata) == 64
    for (true, named), x, y in zip(points.customdata, points.x, points.y, strict=True):
        assert (y, x) == (true, named)
    frame = figure.layout.shapes[0]
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (2.5, 3.5, 5.5, 6.5)


def test_hover_says_count_share_interval_and_what_has_no_examples():
    figure = confusion.figure(COUNTS, MASK_3.labels, rates=False)
    (points,) = (trace for trace in figure.data if trace.type == "scatter")
    low, high = wilson(67, 159)
    for part in (
        "67 of 159 faces",
        percent(67 / 159),
        f"{percent(low)} to {percent(high)}",
        "Worn incorrectly",
    ):
        assert part in points.text[3]
    assert "no examples" in points.text[8] and "nan" not in points.text[8]


def test_a_strangers_labels_are_shown_as_they_are():
    labels = ("<a href='javascript:1'>x</a>", "b<br>" * 20, "with_mask")
    figure = confusion.figure(COUNTS, labels, rates=True)
    shown = str(figure.layout.xaxis.ticktext) + str(figure.data[-1].text)
    assert set(re.findall(r"<[^>]*>", shown)) <= {"<br>", "<b>", "</b>"}


def test_many_labels_have_no_numbers_that_nobody_could_read():
    labels = [f"label {i}" for i in range(64)]
    figure = confusion.figure(np.ones((64, 64), int), labels, rates=False)
    assert not figure.layout.annotations and figure.layout.height < 700
