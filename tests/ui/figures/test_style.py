import math

import numpy as np
import plotly.graph_objects as go
import pytest

from ui.figures.style import LOOKS, error_bars, legend, look, mixed, thinned


def test_error_bars_reach_to_the_ends_and_never_backwards():
    bars = error_bars([0.5, 0.9, math.nan], [(0.4, 0.7), (0.2, 0.8), (math.nan, math.nan)], width=3)
    assert bars["array"][:2] == pytest.approx([0.2, 0]) and bars["arrayminus"][:2] == pytest.approx(
        [0.1, 0.7]
    )
    assert np.isnan(bars["array"][2]) and bars["width"] == 3  # what is not known has no bar, not one of 0
    assert len(error_bars([], [])["array"]) == 0
    go.Scatter(x=[0, 0, 0], error_x=bars)  # Plotly takes it


def test_every_line_of_two_rounds_looks_different():
    looks = [look(i) for i in range(2 * len(LOOKS))]
    assert len(set(looks)) == len(looks)


def test_thinned_lines_keep_their_ends_and_what_matters():
    assert thinned(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert thinned(0, 10).tolist() == []
    assert {0, 1234, 4999} <= set(thinned(5000, 100, 1234).tolist()) and len(thinned(5000, 100, 1234)) <= 101


@pytest.mark.parametrize("y", [None, -0.3])
def test_a_legend_is_below_its_plot(y):
    layout = go.Layout(legend=legend(y))
    assert (layout.legend.yref, layout.legend.y) == (("container", 0) if y is None else (None, y))


def test_a_colour_between_two():
    assert mixed("#000000", "#ffffff", 0.5) == "#808080" and mixed("#102030", "#405060", 0) == "#102030"
