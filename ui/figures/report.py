"""Figures of the report: rates as dots with their 95% intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pandas as pd
import plotly.graph_objects as go

from core.labels import BLUE, GREY, ORANGE, appearance
from core.review import ClassReport, LabelFigures, Rate, SliceAccuracy
from ui.figures.style import TELLING, dots, error_bars, legend, named_rows
from ui.wording import in_chart

# Each figure of a label: how to get it, what its n counts, colour, symbol and height in the label's row.
_Get = Callable[[LabelFigures], Rate]
_OF_LABEL: dict[str, tuple[_Get, str, str, str, float]] = {
    "Recall": (lambda row: row.recall, "faces of it", BLUE, "circle", -0.22),
    "Precision": (lambda row: row.precision, "predicted so", ORANGE, "diamond", 0.0),
    "F1": (lambda row: row.f1, "of it or predicted so", GREY, "square", 0.22),
}


def by_label(report: ClassReport) -> go.Figure:
    """Recall, precision and F1 of each label, one row a label."""
    figure = go.Figure()
    names = [in_chart(appearance(row.label).short, 24) for row in report.labels]
    for name, (get, of, colour, symbol, height) in _OF_LABEL.items():
        shown = [(class_index, get(row)) for class_index, row in enumerate(report.labels) if get(row).n]
        said = f"{name} %{{x:.1%}} of %{{customdata[1]:,}} {of}"
        figure.add_trace(_dots(name, shown, names, height, (colour, symbol), said))
    return _rows(figure, "Recall, precision and F1 by class", names, "Share, with 95% interval", 58)


def label_data(report: ClassReport) -> pd.DataFrame:
    """What `by_label` shows: one row a label and figure."""
    return pd.DataFrame(
        [
            {
                "Class": appearance(row.label).short,
                "Figure": name,
                "Share": get(row).value,
                "95% from": get(row).interval[0],
                "95% to": get(row).interval[1],
                "Interval": "by group" if get(row).by_group else "Wilson",
                "Faces": get(row).n,
                "Counted": of,
            }
            for row in report.labels
            for name, (get, of, *_) in _OF_LABEL.items()
        ]
    )


def by_slice(slices: Sequence[SliceAccuracy], names: Sequence[str], overall: float) -> go.Figure:
    """Accuracy by slice in the order given, one row a slice of plain `names`, and `overall` as a line."""
    figure = go.Figure()
    plain = [in_chart(name) for name in names]
    for name, tells, look in TELLING:
        shown = [(row, s.accuracy) for row, s in enumerate(slices) if s.tells == tells and s.accuracy.n]
        if shown:
            said = "%{x:.1%} of %{customdata[1]:,} faces right"
            figure.add_trace(_dots(name, shown, plain, 0, look, said))
    if not math.isnan(overall):
        line = {"dash": "dash", "color": ORANGE, "width": 2}
        figure.add_vline(overall, line=line)
        # A line of the layout is in no legend
        figure.add_scatter(name=f"All faces, {overall:.1%}", x=[None], y=[None], mode="lines", line=line)
    return _rows(
        figure,
        "Accuracy by slice, worst first",
        [in_chart(name, 28) for name in names],
        "Right answers, with 95% interval",
        26,
    )


def _dots(
    name: str,
    shown: Sequence[tuple[int, Rate]],
    rows: Sequence[str],
    height: float,
    look: tuple[str, str],
    said: str,
) -> go.Scatter:
    """The rates of some of `rows`, `height` below their middle; hovering says `said` and the interval."""
    values, intervals = [rate.value for _, rate in shown], [rate.interval for _, rate in shown]
    return dots(
        name,
        [row + height for row, _ in shown],
        values,
        intervals,
        look,
        error_x=error_bars(values, intervals, width=3),
        customdata=[(rows[row], rate.n, *rate.interval) for row, rate in shown],
        hovertemplate=f"<b>%{{customdata[0]}}</b><br>{said}"
        "<br>95% interval %{customdata[2]:.1%} to %{customdata[3]:.1%}<extra></extra>",
    )


def _rows(figure: go.Figure, title: str, names: Sequence[str], axis: str, row_height: int) -> go.Figure:
    """Rows of `names` from the top down, with a scale of proportions that is as wide as the figure needs."""
    return figure.update_layout(
        title=title,
        height=170 + row_height * len(names),
        margin={"t": 50, "b": 110, "r": 16},
        legend=legend(),
        xaxis={"title": axis, "tickformat": ".1~%"},
        yaxis=named_rows(names, zeroline=False),
    )
