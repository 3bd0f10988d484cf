"""How every figure draws what all have: legends, error bars, thinned lines and scales of colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.labels import BLUE, GREY, VERMILION
from core.review import LEAST

# Okabe and Ito's, without yellow, which is not seen on white; a symbol each, so that no colour is alone.
LOOKS = tuple(
    zip(
        (BLUE, VERMILION, "#009E73", "#CC79A7", "#56B4E9", GREY),
        ("circle", "square", "diamond", "triangle-up", "x", "cross"),
        strict=True,
    )
)
# Of rates: name, whether there are enough faces to tell, colour and symbol
TELLING = (
    (f"{LEAST} faces and more", True, (BLUE, "circle")),
    ("Too few to tell", False, (GREY, "circle-open")),
)
STAR = {"symbol": "star", "size": 15, "line": {"width": 1, "color": "#ffffff"}}  # the epoch that is kept


def look(i: int) -> tuple[str, str]:
    """Colour and symbol of the `i`-th of up to twice as many lines as there are `LOOKS`."""
    colour, symbol = LOOKS[i % len(LOOKS)]
    return colour, symbol if i < len(LOOKS) else f"{symbol}-open"


def legend(y: float | None = None) -> dict[str, Any]:
    """A legend in rows at the figure's lower edge, or with its upper edge at `y` of the plot's height."""
    if y is not None:
        return {"orientation": "h", "x": 0, "y": y, "yanchor": "top"}
    return {"orientation": "h", "x": 0, "yref": "container", "y": 0, "yanchor": "bottom"}


def error_bars(
    values: Sequence[float], intervals: Sequence[tuple[float, float]], **style: Any
) -> dict[str, Any]:
    """From each value to the ends of its interval. Of few pictures a value may lie just outside of that."""
    middle, (low, high) = np.array(values, float), np.array(intervals, float).reshape(-1, 2).T
    return {
        "type": "data",
        "symmetric": False,
        "array": (high - middle).clip(0),
        "arrayminus": (middle - low).clip(0),
        "thickness": 1.5,
    } | style


def dots(
    name: str,
    rows: Sequence[float],
    values: Sequence[float],
    intervals: Sequence[tuple[float, float]],
    look: tuple[str, str],
    **options: Any,
) -> go.Scatter:
    """A mark with its error bar in each of `rows`; `look` is colour and symbol."""
    marker = {"color": look[0], "symbol": look[1], "size": 9}
    bars = error_bars(values, intervals)
    return go.Scatter(
        **{"name": name, "x": values, "y": rows, "error_x": bars, "mode": "markers", "marker": marker}
        | options
    )


def named_rows(names: Sequence[str], **more: Any) -> dict[str, Any]:
    """An axis that has a row for each name, the first on top."""
    return {
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "range": [len(names) - 0.5, -0.5],
        "automargin": True,
    } | more


def thinned(n: int, most: int, *kept: int) -> np.ndarray:
    """Indices of at most `most` of `n` points, evenly spread, and those that are `kept` in any case."""
    return np.unique(np.append(np.linspace(0, n - 1, min(n, most)).round().astype(int), kept)).astype(int)


def mixed(few: str, many: str, proportion: float) -> str:
    """The colour "#rrggbb" that Plotly gives a `proportion` of a scale from `few` to `many`."""
    pairs = ((int(few[i : i + 2], 16), int(many[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * proportion):02x}" for a, b in pairs)
