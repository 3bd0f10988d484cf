"""Figures of two models on the same faces."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.drawing import ink_on
from core.labels import BLUE, GREY, ORANGE, VERMILION
from core.metrics import PairedCounts
from ui.figures.style import dots, error_bars, legend, named_rows
from ui.wording import in_chart

FEW = 30  # faces: below it one face more or less moves a rate by over three points
_ROW_PX, _FRAME_PX = 44, 170
_TOLD = {  # name, colour and symbol, so that colour is never alone
    "better": ("B is right more often", BLUE, "circle"),
    "worse": ("A is right more often", VERMILION, "diamond"),
    "open": ("Cannot be told apart", GREY, "circle-open"),
}


def told(counts: PairedCounts) -> str:
    """Whether B is "better", "worse" or it is "open", by the 95% interval of the difference."""
    low, high = counts.interval
    return "better" if low > 0 else "worse" if high < 0 else "open"


def points(proportion: float) -> str:
    """A difference of proportions in percentage points, with its sign."""
    return f"{100 * proportion:+.1f}".replace("-", "−")


def agreement(counts: PairedCounts) -> go.Figure:
    """The faces by who is right, two by two; the test of McNemar is about the two orange cells."""
    rows = ("A wrong", "A right")  # from below
    columns = ("B right", "B wrong")
    cells = ((counts.only_b, counts.neither), (counts.both, counts.only_a))
    colours = ((ORANGE, VERMILION), (BLUE, ORANGE))
    scale = [BLUE, ORANGE, VERMILION]
    figure = go.Figure(
        go.Heatmap(
            z=[[scale.index(colour) for colour in row] for row in colours],
            zmin=0,
            zmax=len(scale) - 1,
            x=columns,
            y=rows,
            colorscale=[[i / (len(scale) - 1), colour] for i, colour in enumerate(scale)],
            showscale=False,
            xgap=3,
            ygap=3,
            customdata=[[[n, n / counts.n] for n in row] for row in cells],
            hovertemplate="%{y}, %{x}: %{customdata[0]:,} of " + f"{counts.n:,} faces"
            " (%{customdata[1]:.1%})<extra></extra>",
        )
    )
    for row, numbers, inks in zip(rows, cells, colours, strict=True):
        for column, n, colour in zip(columns, numbers, inks, strict=True):
            figure.add_annotation(
                x=column,
                y=row,
                text=f"<b>{n:,}</b><br>{n / counts.n:.1%}",
                font={"color": ink_on(colour), "size": 16},
                showarrow=False,
            )
    figure.update_layout(
        title="Who is right, faces",
        height=_FRAME_PX + 3 * _ROW_PX,
        margin={"l": 10, "r": 10, "t": 80, "b": 10},
        xaxis={"side": "top", "fixedrange": True},
        yaxis={"fixedrange": True, "automargin": True},
    )
    return figure


def differences(title: str, parts: Sequence[tuple[str, PairedCounts]], axis: str) -> go.Figure:
    """The difference B less A of each part with its 95% interval, the first part on top.

    `parts` are by name, as it is, and have at least one face each; `axis` says what is compared.
    """
    figure = go.Figure()
    for kind, (name, colour, symbol) in _TOLD.items():
        if rows := [row for row, (_, counts) in enumerate(parts) if told(counts) == kind]:
            figure.add_trace(_dots(name, colour, symbol, rows, [parts[row] for row in rows]))
    figure.add_vline(x=0, line={"color": GREY, "width": 1})
    figure.update_layout(
        title=title,
        height=_FRAME_PX + _ROW_PX * len(parts),
        margin={"l": 10, "r": 10, "t": 50, "b": 10},
        xaxis={"title": {"text": axis}, "zeroline": False, "automargin": True},
        yaxis=named_rows([_named(*part) for part in parts], fixedrange=True, zeroline=False),
        legend=legend(-90 / (_ROW_PX * len(parts))),
        showlegend=True,
    )
    return figure


def _named(name: str, counts: PairedCounts) -> str:
    """With the number of faces, which says how much to make of it."""
    return f"{in_chart(name, 22)}<br>n = {counts.n:,}{', few' if counts.n < FEW else ''}"


def _dots(
    title: str, colour: str, symbol: str, rows: Sequence[int], parts: Sequence[tuple[str, PairedCounts]]
) -> go.Scatter:
    middle = [100 * counts.difference for _, counts in parts]
    ends = [(100 * counts.interval[0], 100 * counts.interval[1]) for _, counts in parts]
    return dots(
        title,
        rows,
        middle,
        ends,
        (colour, symbol),
        marker={"color": colour, "symbol": symbol, "size": 11, "line": {"color": colour, "width": 2}},
        error_x=error_bars(middle, ends, color=colour),
        customdata=[
            [in_chart(name), *end, counts.hits_a, counts.hits_b, counts.n]
            for (name, counts), end in zip(parts, ends, strict=True)
        ],
        hovertemplate="<b>%{customdata[0]}</b><br>B − A: %{x:+.1f} points (%{customdata[1]:+.1f} to "
        "%{customdata[2]:+.1f})<br>A right on %{customdata[3]:,}, B on %{customdata[4]:,} of "
        "%{customdata[5]:,} faces<extra></extra>",
    )
