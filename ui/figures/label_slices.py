"""Right answers by what faces have in common, each label apart: dots with their 95% intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.labels import appearance
from core.review import LEAST_OF_LABEL, TOO_FEW, LabelSliceRates
from ui.figures.style import dots, error_bars, legend, look, named_rows
from ui.wording import in_chart

MAX_VALUES, MAX_LABELS = 40, 12  # drawn of an untrusted record; the data has all


def by_label_slice(dimension: str, slices: Sequence[LabelSliceRates]) -> go.Figure:
    """One row a value, one mark a label; hollow where there are too few faces to tell."""
    values = list(dict.fromkeys(s.value for s in slices))[:MAX_VALUES]
    labels = list(dict.fromkeys(s.label for s in slices))[:MAX_LABELS]
    figure = go.Figure()
    heights = np.linspace(-0.25, 0.25, len(labels)) if len(labels) > 1 else (0.0,)
    own = [appearance(label).colour for label in labels]
    alike = len(set(own)) < len(own)
    for number, (label, height) in enumerate(zip(labels, heights, strict=True)):
        shown = [s for s in slices if s.label == label and s.value in values]
        colour, symbol = look(number)
        colour = colour if alike else own[number]
        rates, intervals = [s.right.value for s in shown], [s.right.interval for s in shown]
        short = in_chart(appearance(label).short, 24)
        hollow = f"{symbol.removesuffix('-open')}-open"
        symbols = [hollow if _few(s) else symbol for s in shown]
        figure.add_trace(
            dots(
                short,
                [values.index(s.value) + height for s in shown],
                rates,
                intervals,
                (colour, symbol),
                marker={"color": colour, "symbol": symbols, "size": 9},
                error_x=error_bars(rates, intervals, width=3),
                customdata=[
                    (
                        in_chart(s.value),
                        s.right.n,
                        *s.right.interval,
                        s.cannot_tell.value,
                        f"<br>{TOO_FEW}" if _few(s) else "",
                    )
                    for s in shown
                ],
                hovertemplate=f"<b>%{{customdata[0]}}</b>, {short}<br>"
                "%{x:.1%} of %{customdata[1]:,} faces right"
                "<br>95% interval %{customdata[2]:.1%} to %{customdata[3]:.1%}"
                "<br>cannot tell %{customdata[4]:.1%}%{customdata[5]}<extra></extra>",
            )
        )
    return figure.update_layout(
        title=f"Right answers by {in_chart(dimension)}",
        height=190 + (22 + 12 * len(labels)) * len(values),
        margin={"t": 50, "b": 110, "r": 16},
        legend=legend(),
        xaxis={"title": "Right answers, with 95% interval", "tickformat": ".1~%"},
        yaxis=named_rows([in_chart(value, 28) for value in values], zeroline=False),
    )


def label_slice_data(slices: Sequence[LabelSliceRates]) -> pd.DataFrame:
    """What `by_label_slice` shows: one row a value and label."""
    return pd.DataFrame(
        [
            {
                "Slice": s.dimension,
                "Value": s.value,
                "Class": appearance(s.label).short,
                "Faces": s.right.n,
                "Right": s.right.value,
                "95% from": s.right.interval[0],
                "95% to": s.right.interval[1],
                "Cannot tell": s.cannot_tell.value,
                "Note": TOO_FEW if _few(s) else "",
            }
            for s in slices
        ]
    )


def _few(found: LabelSliceRates) -> bool:
    return found.right.n < LEAST_OF_LABEL
