"""The confusion matrix: each cell a number, an interval on hover, and a click."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.drawing import ink_on
from core.labels import BLUE, VERMILION, appearance
from core.metrics import format_interval, percent, rate, wilson
from core.review import Cell
from ui.figures.style import mixed
from ui.wording import in_chart

RIGHT, ERRORS = ("#DCEBF5", BLUE), ("#FBE7DB", VERMILION)  # few to many
_MOST_NUMBERS = 16  # labels; more are told by colour and hover, since no number would be read
_TEXT_SIZES = ((4, 15), (8, 12), (_MOST_NUMBERS, 9))  # pixels, up to so many labels


def figure(
    counts: np.ndarray, labels: Sequence[str], *, rates: bool, chosen: Cell | None = None
) -> go.Figure:
    """`counts` (C, C): row is the true label, column the named one. `chosen` gets a frame.

    `rates` shows proportions of a row. A point's customdata is its cell, for clicks.
    """
    size = len(labels)
    right = np.eye(size, dtype=bool)
    filled = _row_shares(counts) if rates else counts.astype(float)
    drawn = go.Figure()
    for cells, colours in ((right, RIGHT), (~right, ERRORS)):
        drawn.add_heatmap(
            z=np.where(cells & (counts > 0), filled, np.nan),
            colorscale=[[0, colours[0]], [1, colours[1]]],
            zmin=0,
            zmax=_most(filled, cells),
            xgap=2,
            ygap=2,
            showscale=False,
            hoverinfo="skip",
        )
    pairs = [(true, named) for true in range(size) for named in range(size)]
    drawn.add_scatter(  # heat maps give Streamlit no clicks; the nearest of these points takes them
        x=[named for _, named in pairs],
        y=[true for true, _ in pairs],
        mode="markers",
        marker={"opacity": 0, "size": 12},
        customdata=pairs,
        text=[_hover(counts, labels, cell) for cell in pairs],
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    names = [_name(label, size) for label in labels]
    ticks = {"tickvals": list(range(size)), "ticktext": names, "automargin": True, "fixedrange": True}
    plain = {"showgrid": False, "zeroline": False, "ticks": ""}
    drawn.update_layout(
        title={"text": f"Confusion matrix, {'shares of each true label' if rates else 'counts of faces'}"},
        xaxis={"title": {"text": "Predicted as"}, "range": [-0.5, size - 0.5], **ticks, **plain},
        yaxis={"title": {"text": "True label"}, "range": [size - 0.5, -0.5], **ticks, **plain},
        height=min(680, 300 + 44 * size),
        margin={"l": 10, "r": 10, "b": 10},
        hovermode="closest",
        hoverdistance=-1,  # the nearest point however far: a cell is where its own point is the nearest
        dragmode=False,
        annotations=_numbers(counts, filled, rates) if size <= _MOST_NUMBERS else [],
        shapes=_frame(chosen) if chosen else [],
    )
    return drawn


def shown(count: int, n: int, *, rates: bool) -> str:
    """A cell's number; "–" for a proportion of nothing."""
    if not rates:
        return f"{count:,}"
    if not n:
        return "–"
    proportion = count / n
    return "<1%" if 0 < proportion < 0.005 else f"{proportion:.0%}"


def _row_shares(counts: np.ndarray) -> np.ndarray:
    n = counts.sum(axis=1, keepdims=True)
    found = np.full(counts.shape, np.nan)
    np.divide(counts, n, out=found, where=n > 0)
    return found


def _most(filled: np.ndarray, cells: np.ndarray) -> float:
    """The darkest of `cells`: errors are few beside right answers, so each kind has its own scale."""
    return float(np.nanmax(filled[cells], initial=0.0)) or 1.0


def _numbers(counts: np.ndarray, filled: np.ndarray, rates: bool) -> list[dict]:
    size = len(counts)
    n = counts.sum(axis=1)
    right = np.eye(size, dtype=bool)
    text_size = next(pixels for labels, pixels in _TEXT_SIZES if size <= labels)
    most = {True: _most(filled, right), False: _most(filled, ~right)}
    found = []
    for true, named in np.ndindex(counts.shape):
        count = int(counts[true, named])
        font: dict = {"size": text_size}
        if count:
            few, many = RIGHT if true == named else ERRORS
            proportion = float(filled[true, named]) / most[true == named]
            font["color"] = ink_on(mixed(few, many, proportion))
        text = shown(count, int(n[true]), rates=rates)
        found.append({"x": named, "y": true, "text": text, "showarrow": False, "font": font})
    return found


def _hover(counts: np.ndarray, labels: Sequence[str], cell: Cell) -> str:
    true, _named = cell
    count, n = int(counts[cell]), int(counts[true].sum())
    names = [in_chart(appearance(labels[class_index]).short) for class_index in cell]
    said = (
        f"{percent(rate(count, n))}<br>95% interval {format_interval(wilson(count, n))}"
        if n
        else "no examples"
    )
    # Plotly takes a first tap for hovering
    return (
        f"<b>{names[0]}</b>, named <b>{names[1]}</b><br>{count:,} of {n:,} faces: {said}"
        "<br>Click, or tap twice, to see them"
    )


def _name(label: str, size: int) -> str:
    """Of several short lines, so that names leave room for cells on a phone."""
    lines = textwrap.wrap(appearance(label).short, 12 if size <= _MOST_NUMBERS else 24)
    cut = lines if len(lines) <= 3 else [*lines[:2], f"{lines[2]}…"]
    return "<br>".join(map(in_chart, cut))


def _frame(chosen: Cell) -> list[dict]:
    """Light around dark: seen on every colour and in both themes."""
    true, named = chosen
    corners = {"x0": named - 0.5, "x1": named + 0.5, "y0": true - 0.5, "y1": true + 0.5}
    return [
        {"type": "rect", **corners, "line": {"color": colour, "width": width}}
        for colour, width in (("#ffffff", 6), ("#000000", 3))
    ]
