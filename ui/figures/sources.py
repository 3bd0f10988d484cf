"""Figures of sources: trained on one and tested on another, and recall by source and label."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from core.drawing import ink_on
from core.labels import VERMILION, appearance
from core.metrics import format_interval, percent
from core.models import LabelScore
from core.review import LEAST, Pair
from ui.figures.style import TELLING, dots, legend, mixed, named_rows
from ui.wording import in_chart

MAX_SOURCES = 12  # rows and columns whose numbers can be read
MAX_ROWS = 60  # pairs of source and label
_LOW, _HIGH = "#EAF3FA", "#56B4E9"  # to Okabe and Ito's sky blue, on which black is read best
_PX_OF_ROW = 40


def matrix(pairs: Sequence[Pair], title: str) -> go.Figure:
    """Recall in colour and in words, down by source trained on, across by source tested on; own outlined."""
    trained = list(dict.fromkeys(pair.trained_on for pair in pairs))[:MAX_SOURCES]
    tested = list(dict.fromkeys(pair.tested_on for pair in pairs))[:MAX_SOURCES]
    shown = [pair for pair in pairs if pair.trained_on in trained and pair.tested_on in tested]
    known = [pair.recall for pair in shown if pair.known]
    low, high = min(known, default=0.0), max(known, default=1.0)
    cells: list[list[float]] = [[math.nan] * len(tested) for _ in trained]
    hover = [[""] * len(tested) for _ in trained]
    notes, outlines = [], []
    for pair in shown:
        row, column = trained.index(pair.trained_on), tested.index(pair.tested_on)
        cells[row][column] = pair.recall
        hover[row][column] = (
            f"trained on {in_chart(pair.trained_on)}<br>tested on {in_chart(pair.tested_on)}"
            f"<br>{percent(pair.recall)} (95% interval {format_interval(pair.interval)})"
            f"<br>n = {pair.n:,} faces" + ("<br>of its own validation groups" if pair.own else "")
        )
        # Where nothing is filled the theme's own ink is read
        ink = {"color": ink_on(_fill(pair.recall, low, high))} if pair.known else {}
        words = f"<b>{pair.recall:.1%}</b><br>n {pair.n:,}" if pair.known else "no<br>examples"
        font = {"size": 12, **ink}
        notes.append({"x": column, "y": row, "text": words, "showarrow": False, "font": font})
        if pair.own:
            line = {"color": VERMILION, "width": 4}
            ends = {"x0": column - 0.48, "x1": column + 0.48, "y0": row - 0.48, "y1": row + 0.48}
            outlines.append({"type": "rect", **ends, "line": line})
    figure = go.Figure(
        go.Heatmap(
            z=cells,
            zmin=low,
            zmax=high,
            colorscale=[(0, _LOW), (1, _HIGH)],
            showscale=False,
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
            xgap=2,
            ygap=2,
        )
    )
    figure.update_layout(
        title=in_chart(title, 60),
        annotations=notes,
        shapes=outlines,
        height=150 + 62 * max(1, len(trained)),
        margin={"l": 10, "r": 10, "t": 50, "b": 10},
        xaxis=_names("tested on", tested) | {"tickangle": -30},
        yaxis=_names("trained on", trained) | {"autorange": "reversed"},
    )
    return figure


def _names(title: str, sources: Sequence[str]) -> dict:
    return {
        "title": title,
        "tickvals": list(range(len(sources))),
        "ticktext": [in_chart(source, 14) for source in sources],
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
    }


def _fill(recall: float, low: float, high: float) -> str:
    """The colour that the heat map has there, "#rrggbb"."""
    return mixed(_LOW, _HIGH, (recall - low) / (high - low) if high > low else 0.0)


def by_source(scores: Sequence[LabelScore]) -> go.Figure:
    """Recall of each source and true label with its interval, none NaN, in the order given from the top."""
    shown = scores[:MAX_ROWS]
    looks = [appearance(score.label) for score in shown]
    names = [
        f"{in_chart(score.source, 16)}<br>{in_chart(f'{look.icon} {look.short}', 24)}"
        for score, look in zip(shown, looks, strict=True)
    ]
    figure = go.Figure()
    for name, tells, look in TELLING:
        rows = [(row, score) for row, score in enumerate(shown) if (score.n >= LEAST) is tells]
        if not rows:
            continue
        hover = [
            (in_chart(score.source), in_chart(looks[row].short), score.n, format_interval(score.interval))
            for row, score in rows
        ]
        marks = dots(
            name,
            [row for row, _ in rows],
            [score.recall for _, score in rows],
            [score.interval for _, score in rows],
            look,
            cliponaxis=False,
            customdata=hover,
            hovertemplate="<b>%{customdata[0]}, %{customdata[1]}</b><br>recall %{x:.1%} of "
            "%{customdata[2]:,} faces<br>95% interval %{customdata[3]}<extra></extra>",
        )
        figure.add_trace(marks)
    lowest = min((score.interval[0] for score in shown), default=0.0)
    figure.update_layout(
        title="Recall by source and true label",
        legend=legend(),
        height=160 + _PX_OF_ROW * max(1, len(shown)),
        margin={"l": 10, "r": 10, "t": 50, "b": 10},
        xaxis={
            "title": "recall",
            "tickformat": ".0%",
            "range": [math.floor(10 * lowest) / 10 - 0.02, 1.02],
            "automargin": True,
        },
        yaxis=named_rows(names, title="source and true label", fixedrange=True),
    )
    return figure
