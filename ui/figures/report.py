"""Figures of the report: rates as dots with their 95 % intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pandas as pd
import plotly.graph_objects as go

from core.labels import BLUE, GREY, ORANGE, appearance
from core.review import LEAST, ClassReport, LabelFigures, Rate, SliceAccuracy
from ui.figures.style import error_bars, legend
from ui.wording import in_chart

# Each figure of a label: how to get it, what its n counts, colour, symbol and height in the label's row.
_Get = Callable[[LabelFigures], Rate]
_OF_LABEL: dict[str, tuple[_Get, str, str, str, float]] = {
    "Recall": (lambda row: row.recall, "faces of it", BLUE, "circle", -0.22),
    "Precision": (lambda row: row.precision, "named so", ORANGE, "diamond", 0.0),
    "F1": (lambda row: row.f1, "of it or named so", GREY, "square", 0.22),
}


def by_label(report: ClassReport) -> go.Figure:
    """Recall, precision and F1 of each label, one row a label."""
    figure = go.Figure()
    names = [in_chart(appearance(row.label).short, 24) for row in report.labels]
    for name, (get, of, colour, symbol, height) in _OF_LABEL.items():
        shown = [(class_index, get(row)) for class_index, row in enumerate(report.labels) if get(row).n]
        figure.add_scatter(
            name=name,
            x=[rate.value for _, rate in shown],
            y=[class_index + height for class_index, _ in shown],
            error_x=_error_bars([rate for _, rate in shown]),
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 9},
            customdata=[(names[class_index], rate.n, *rate.interval) for class_index, rate in shown],
            hovertemplate=f"<b>%{{customdata[0]}}</b><br>{name} %{{x:.1%}} of %{{customdata[1]:,}} {of}"
            "<br>95 % interval %{customdata[2]:.1%} to %{customdata[3]:.1%}<extra></extra>",
        )
    return _rows(figure, "Recall, precision and F1 by class", names, "Share, with 95 % interval", 58)


def label_data(report: ClassReport) -> pd.DataFrame:
    """What `by_label` shows: one row a label and figure."""
    return pd.DataFrame(
        [
            {
                "Class": appearance(row.label).short,
                "Figure": name,
                "Share": get(row).value,
                "95 % from": get(row).interval[0],
                "95 % to": get(row).interval[1],
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
    rows = list(enumerate(slices))
    for name, tells, colour, symbol in (
        (f"{LEAST} faces and more", True, BLUE, "circle"),
        ("Too few to tell", False, GREY, "circle-open"),
    ):
        shown = [(place, s.accuracy) for place, s in rows if s.tells == tells and s.accuracy.n]
        if shown:
            figure.add_scatter(
                name=name,
                x=[rate.value for _, rate in shown],
                y=[place for place, _ in shown],
                error_x=_error_bars([rate for _, rate in shown]),
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 9},
                customdata=[(in_chart(names[place]), rate.n, *rate.interval) for place, rate in shown],
                hovertemplate="<b>%{customdata[0]}</b><br>%{x:.1%} of %{customdata[1]:,} faces right"
                "<br>95 % interval %{customdata[2]:.1%} to %{customdata[3]:.1%}<extra></extra>",
            )
    if not math.isnan(overall):
        look = {"dash": "dash", "color": ORANGE, "width": 2}
        figure.add_vline(overall, line=look)
        # A line of the layout is in no legend
        figure.add_scatter(name=f"All faces, {overall:.1%}", x=[None], y=[None], mode="lines", line=look)
    return _rows(
        figure,
        "Accuracy by slice, worst first",
        [in_chart(name, 28) for name in names],
        "Right answers, with 95 % interval",
        26,
    )


def _error_bars(rates: Sequence[Rate]) -> dict[str, object]:
    return error_bars([rate.value for rate in rates], [rate.interval for rate in rates], width=3)


def _rows(figure: go.Figure, title: str, names: Sequence[str], axis: str, row_height: int) -> go.Figure:
    """Rows of `names` from the top down, with a scale of proportions that is as wide as the figure needs."""
    return figure.update_layout(
        title=title,
        height=170 + row_height * len(names),
        margin={"t": 50, "b": 110, "r": 16},
        legend=legend(),
        xaxis={"title": axis, "tickformat": ".1~%"},
        yaxis={
            "tickvals": list(range(len(names))),
            "ticktext": list(names),
            "range": [len(names) - 0.5, -0.5],
            "automargin": True,
            "zeroline": False,
        },
    )
