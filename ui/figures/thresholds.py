"""Curves over all thresholds, with the point that is chosen now."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.labels import BLUE, GREY, VERMILION
from core.metrics import rate
from core.review import THRESHOLDS, AlarmCounts, ThresholdSweep
from ui.figures.style import legend
from ui.wording import in_chart

_HEIGHT = 400
_EACH = {"mode": "lines", "name": "All thresholds", "line": {"color": BLUE, "width": 3}}
_COUNTED = (
    "threshold %{text}<br>%{customdata[0]:,} of %{customdata[1]:,} found"
    "<br>%{customdata[2]:,} of %{customdata[3]:,} others named<extra></extra>"
)


def curve_data(curve: ThresholdSweep) -> pd.DataFrame:
    """One row a threshold, NaN where there is nothing to take a proportion of."""
    true, false = curve.true_positives, curve.false_positives
    return pd.DataFrame(
        {
            "Threshold": curve.thresholds,
            "True positives": true.astype(int),
            "Positives": curve.positives,
            "False positives": false.astype(int),
            "Negatives": curve.negatives,
            "Recall": _rates(true, curve.positives),
            "False positive rate": _rates(false, curve.negatives),
            "Precision": _rates(true, true + false),
        }
    )


def _rates(hits: np.ndarray, n: np.ndarray | int) -> np.ndarray:
    found = np.full(len(hits), np.nan)
    np.divide(hits, n, out=found, where=np.asarray(n) > 0)
    return found


def roc(data: pd.DataFrame, point: AlarmCounts, what: str) -> go.Figure:
    """`data` is of `curve_data`; `point` is drawn where its answered faces are."""
    hover = "%{y:.1%} found, %{x:.1%} falsely"
    return _figure(
        f"ROC: {in_chart(what, 24)}",
        "False positive rate (% of the negatives)",
        "Recall (% of the positives)",
        go.Scatter(
            x=np.append(0, data["False positive rate"]),
            y=np.append(0, data["Recall"]),
            customdata=np.vstack([[0, point.positives, 0, point.negatives], _counted(data)]),
            text=["above all", *_texts(data)],
            hovertemplate=f"{hover}<br>{_COUNTED}",
            **_EACH,
        ),
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            name="Guessing",
            hoverinfo="skip",
            line={"color": GREY, "dash": "dash"},
        ),
        _mark(point, rate(*point.false_alarm_rate), rate(*point.recall), hover),
    )


def precision_recall(data: pd.DataFrame, point: AlarmCounts, what: str) -> go.Figure:
    """As `roc`. Steps, since precision between two thresholds is not on a straight line."""
    hover = "%{y:.1%} of those named are right, %{x:.1%} found"
    steps = pd.concat([data[:1].assign(Recall=0.0), data])  # the first precision holds from 0 on
    proportion = rate(point.positives, point.positives + point.negatives)
    return _figure(
        f"Precision and recall: {in_chart(what, 24)}",
        "Recall (% of the positives)",
        "Precision (% of those named)",
        go.Scatter(
            x=steps["Recall"],
            y=steps["Precision"],
            customdata=_counted(steps),
            text=_texts(steps),
            hovertemplate=f"{hover}<br>{_COUNTED}",
            **_EACH,
            line_shape="vh",
        ),
        go.Scatter(
            x=[0, 1],
            y=[proportion, proportion],
            mode="lines",
            name="Flagging everyone",
            hovertemplate="%{y:.1%} of the faces are positive<extra></extra>",
            line={"color": GREY, "dash": "dash"},
        ),
        _mark(point, rate(*point.recall), rate(*point.precision), hover),
    )


def cost(costs: np.ndarray, now: tuple[float | None, float], cheapest: float) -> go.Figure:
    """`costs` are at `THRESHOLDS`, `now` is the threshold, None for the more probable, and its cost."""
    hover = "threshold %{x:.0%}: %{y:,.4~g} per 1,000 people<extra></extra>"
    threshold, price = now
    if threshold is None:
        present = go.Scatter(
            x=[0, 1],
            y=[price, price],
            mode="lines",
            name="Now: more probable answer",
            hovertemplate="More probable answer: %{y:,.4~g} per 1,000 people<extra></extra>",
            line={"color": VERMILION, "dash": "dot", "width": 3},
        )
    else:
        present = go.Scatter(
            x=[threshold],
            y=[price],
            mode="markers",
            name="Now",
            hovertemplate=f"Now, {hover}",
            marker={"color": VERMILION, "size": 15, "symbol": "star"},
        )
    return _figure(
        "Cost of every alarm threshold",
        "Alarm threshold (%)",
        "Cost per 1,000 people (your unit)",
        go.Scatter(
            x=THRESHOLDS,
            y=costs,
            mode="lines",
            name="All thresholds",
            hovertemplate=hover,
            line={"color": BLUE, "width": 3},
        ),
        go.Scatter(
            x=[cheapest],
            y=[costs.min()],
            mode="markers",
            name="Cheapest",
            hovertemplate=f"Cheapest, {hover}",
            marker={"color": BLUE, "size": 14, "symbol": "diamond"},
        ),
        present,
        proportions=False,
    )


def _counted(data: pd.DataFrame) -> np.ndarray:
    return np.asarray(data[["True positives", "Positives", "False positives", "Negatives"]])


def _texts(data: pd.DataFrame) -> list[str]:
    return [f"{threshold:.1%}" for threshold in data["Threshold"]]


def _mark(point: AlarmCounts, x: float, y: float, hover: str) -> go.Scatter:
    return go.Scatter(
        x=[x],
        y=[y],
        mode="markers",
        name="Now, of answered faces" if point.undecided[0] else "Now",
        hovertemplate=f"Now: {hover}<extra></extra>",
        marker={"color": VERMILION, "size": 15, "symbol": "star"},
    )


def _figure(title: str, x: str, y: str, *traces: go.Scatter, proportions: bool = True) -> go.Figure:
    """`proportions`: whether y is a proportion, as x always is."""
    proportion = {"tickformat": ".0%", "dtick": 0.25, "automargin": True, "zeroline": False}
    free = {"tickformat": "~s", "rangemode": "tozero", "automargin": True, "zeroline": False}
    of_y = proportion | {"range": [-0.01, 1.02]} if proportions else free
    return go.Figure(
        traces,
        {
            "title": {"text": title},
            "height": _HEIGHT,
            "margin": {"l": 8, "r": 28, "b": 8, "t": 56},
            "legend": legend(-0.25),
            "hovermode": "closest",
            "xaxis": proportion | {"title": {"text": x}, "range": [-0.01, 1.01]},
            "yaxis": of_y | {"title": {"text": y}},
        },
    )
