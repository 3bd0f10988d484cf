"""Figures of how faces of each height are found: average precision and recall, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from core.labels import GREY
from core.review import LEAST, Rate, average_precision_interval, by_height
from ui.figures.detection import Measured, laid_out, looks
from ui.figures.style import dots, named_rows
from ui.wording import in_chart

AP50, RECALL = "AP50", "Recall"
_ROW_PX, _SERIES_PX = 34, 20


@dataclass(frozen=True, slots=True)
class OfHeight:
    """Faces with low <= height < high pixels. `ap50` counts false detections by their own height."""

    low: float
    high: float
    ap50: Rate
    recall: Rate

    @property
    def words(self) -> str:
        return height_words(self.low, self.high)

    def rate(self, what: str) -> Rate:
        return self.recall if what == RECALL else self.ap50


def height_words(low: float, high: float) -> str:
    if not low:
        return f"under {high:g} px"
    return f"{low:g} px and more" if math.isinf(high) else f"{low:g} to {high:g} px"


def of_heights(one: Measured) -> list[OfHeight]:
    """The interval of AP50 is by picture, that of recall Wilson's."""
    found = []
    for of in by_height(one.rows, one.min_score):
        interval = average_precision_interval(one.rows.of_height(of.low, of.high))
        ap50 = Rate(of.ap50, of.counts.n, interval, by_group=True)
        found.append(OfHeight(of.low, of.high, ap50, of.counts.recall))
    return found


def figure(measured: Sequence[Measured], heights: Sequence[Sequence[OfHeight]], what: str) -> go.Figure:
    """`what` is `AP50` or `RECALL`, a row for each height; too few faces to tell are grey."""
    found, count, notes = go.Figure(), len(measured), []
    for i, (one, bins, (colour, symbol)) in enumerate(zip(measured, heights, looks(measured), strict=True)):
        name, offset = in_chart(one.name), (i - (count - 1) / 2) * 0.8 / count
        for tells in (True, False):
            some = [(y, of) for y, of in enumerate(bins) if of.recall.n and (of.recall.n >= LEAST) == tells]
            _add(found, some, what, name, offset, colour if tells else GREY, symbol, tells)
        notes += [_note(y + offset, of.recall.n) for y, of in enumerate(bins)]
    words = [of.words for of in heights[0]]
    rows = len(words)
    laid_out(found, f"{what} by face height", count, 120 + rows * max(_ROW_PX, _SERIES_PX * count))
    between_rows = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "opacity": 0.35}
    between_rows["line"] = {"width": 1, "color": GREY}
    edges = [edge - 0.5 for edge in range(1, rows)]
    # All at once: Plotly takes milliseconds for each that is added
    found.update_layout(annotations=notes, shapes=[{**between_rows, "y0": y, "y1": y} for y in edges])
    found.update_yaxes(named_rows(words, showgrid=False))
    found.update_xaxes(
        title=f"{what}, with 95% interval", tickformat=".0%", range=[-0.02, 1.25],
        tickvals=[0, 0.25, 0.5, 0.75, 1],
    )  # fmt: skip
    return found


def _note(y: float, n: int) -> dict[str, object]:
    """How many faces there are, beside their marks."""
    text = f"n = {n:,}" if n else "no examples"
    return {"x": 1.05, "y": y, "text": text, "showarrow": False, "xanchor": "left", "font": {"size": 10}}


def _add(
    found: go.Figure,
    some: Sequence[tuple[int, OfHeight]],
    what: str,
    name: str,
    offset: float,
    colour: str,
    symbol: str,
    tells: bool,
) -> None:
    rates = [of.rate(what) for _, of in some]
    marks = dots(
        name,
        [y + offset for y, _ in some],
        [rate.value for rate in rates],
        [rate.interval for rate in rates],
        (colour, symbol),
        legendgroup=name,
        showlegend=tells,
        marker={"symbol": symbol, "size": 10, "color": colour},
        customdata=[(of.words, rate.n, *rate.interval) for (_, of), rate in zip(some, rates, strict=True)],
        hovertemplate=f"<b>{name}</b><br>%{{customdata[0]}}: {what} %{{x:.1%}} of %{{customdata[1]:,}} faces"
        "<br>95% interval %{customdata[2]:.1%} to %{customdata[3]:.1%}"
        f"{'' if tells else '<br>too few faces to tell'}<extra></extra>",
    )
    found.add_trace(marks)


def data(measured: Sequence[Measured], heights: Sequence[Sequence[OfHeight]]) -> pd.DataFrame:
    """One row a height of each; NaN where there are no faces."""
    rows = []
    for one, bins in zip(measured, heights, strict=True):
        for of in bins:
            row = one.columns | {"Face height": of.words, "Faces": of.recall.n}
            for what in (AP50, RECALL):
                rate = of.rate(what)
                row |= {what: rate.value, f"{what} from": rate.interval[0], f"{what} to": rate.interval[1]}
            rows.append(row)
    return pd.DataFrame(rows)
