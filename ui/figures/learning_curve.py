"""How the recall of a run's labels grows with the faces that are learned from."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.runs import LabelCheck
from ui.figures.style import dots, legend, look


def figure(found: LabelCheck) -> go.Figure:
    """Mean recall over the number of faces, and what 500 more are fitted to bring."""
    colour, symbol = look(0)
    sizes = [one.faces for one in found.curve]
    reached = dots(
        "Held-out groups, lowest to highest fold",
        [one.recall for one in found.curve],
        sizes,
        [(one.recall, one.recall) for one in found.curve],
        (colour, symbol),
    )
    reached.update(
        x=sizes,
        y=[one.recall for one in found.curve],
        error_x=None,
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [one.high - one.recall for one in found.curve],
            "arrayminus": [one.recall - one.low for one in found.curve],
            "thickness": 1.5,
        },
        mode="lines+markers",
    )
    made = go.Figure([reached])
    if found.gain and found.curve:
        last = found.curve[-1]
        other, mark = look(1)
        made.add_scatter(
            name=f"{found.gain.faces:,} more, as fitted",
            x=[last.faces, last.faces + found.gain.faces],
            y=[last.recall, last.recall + found.gain.recall],
            mode="lines+markers",
            line={"dash": "dot", "color": other},
            marker={"symbol": mark, "size": 9},
        )
    made.update_layout(
        title="Have I labelled enough?",
        xaxis={"title": {"text": "Faces learned from"}, "rangemode": "tozero"},
        yaxis={"title": {"text": "Mean recall of the labels"}, "tickformat": ".0%"},
        legend=legend(),
    )
    return made


def data(found: LabelCheck) -> pd.DataFrame:
    return pd.DataFrame([one.model_dump() for one in found.curve])
