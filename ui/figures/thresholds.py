"""Curves over all thresholds, with the point that is chosen now."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.alarm_rates import THRESHOLDS, Counts, Curve
from core.labels import BLUE, GREY, VERMILION
from core.metrics import rate
from ui.wording import in_chart

_HEIGHT = 400
_COUNTED = (
    "threshold %{customdata[0]}<br>%{customdata[1]:,} of %{customdata[2]:,} found"
    "<br>%{customdata[3]:,} of %{customdata[4]:,} others named<extra></extra>"
)


def curve_data(curve: Curve) -> pd.DataFrame:
    """One row a threshold, NaN where there is nothing to take a share of."""
    true, false = curve.true_positives, curve.false_positives
    return pd.DataFrame(
        {
            "Threshold": curve.thresholds,
            "True positives": true.astype(int),
            "Positives": curve.positives,
            "False positives": false.astype(int),
            "Negatives": curve.negatives,
            "Recall": _shares(true, curve.positives),
            "False positive rate": _shares(false, curve.negatives),
            "Precision": _shares(true, true + false),
        }
    )


def _shares(hits: np.ndarray, n: np.ndarray | int) -> np.ndarray:
    return np.divide(hits, n, out=np.full(len(hits), np.nan), where=np.asarray(n) > 0)


def roc(data: pd.DataFrame, point: Counts, what: str) -> go.Figure:
    """`data` is of `curve_data`; `point` is drawn where its answered faces are."""
    figure = go.Figure()
    figure.add_scatter(
        x=[0, *data["False positive rate"]],
        y=[0, *data["Recall"]],
        customdata=[["above all", 0, point.positives, 0, point.negatives], *_hover(data)],
        hovertemplate="%{y:.1%} found, %{x:.1%} falsely<br>" + _COUNTED,
        mode="lines",
        name="All thresholds",
        line={"color": BLUE, "width": 3},
    )
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="Guessing",
        hoverinfo="skip",
        line={"color": GREY, "dash": "dash"},
    )
    where = rate(*point.false_alarm_rate), rate(*point.recall)
    _mark(figure, point, where, "%{y:.1%} found, %{x:.1%} falsely")
    _lay_out(
        figure,
        f"ROC: {in_chart(what, 24)}",
        "False positive rate (% of the negatives)",
        "Recall (% of the positives)",
    )
    return figure


def precision_recall(data: pd.DataFrame, point: Counts, what: str) -> go.Figure:
    """As `roc`. Steps, since precision between two thresholds is not on a straight line."""
    figure = go.Figure()
    hover = _hover(data)
    figure.add_scatter(
        x=[*np.zeros(len(data))[:1], *data["Recall"]],  # the first precision holds from 0 on
        y=[*data["Precision"][:1], *data["Precision"]],
        customdata=[*hover[:1], *hover],
        hovertemplate="%{y:.1%} of those named are right, %{x:.1%} found<br>" + _COUNTED,
        mode="lines",
        name="All thresholds",
        line={"color": BLUE, "width": 3, "shape": "vh"},
    )
    share = rate(point.positives, point.positives + point.negatives)
    figure.add_scatter(
        x=[0, 1],
        y=[share, share],
        mode="lines",
        name="Naming everybody",
        hovertemplate="%{y:.1%} of the faces are positive<extra></extra>",
        line={"color": GREY, "dash": "dash"},
    )
    where = rate(*point.recall), rate(*point.precision)
    _mark(figure, point, where, "%{y:.1%} of those named are right, %{x:.1%} found")
    _lay_out(
        figure,
        f"Precision and recall: {in_chart(what, 24)}",
        "Recall (% of the positives)",
        "Precision (% of those named)",
    )
    return figure


def cost(costs: np.ndarray, now: tuple[float | None, float], cheapest: float) -> go.Figure:
    """`costs` are at `THRESHOLDS`, `now` is the threshold, None for the most probable label, and its cost."""
    figure = go.Figure()
    hover = "threshold %{x:.0%}: %{y:,.4~g} per 1,000 people<extra></extra>"
    figure.add_scatter(
        x=THRESHOLDS,
        y=costs,
        mode="lines",
        name="All thresholds",
        hovertemplate=hover,
        line={"color": BLUE, "width": 3},
    )
    figure.add_scatter(
        x=[cheapest],
        y=[np.nanmin(costs)],
        mode="markers",
        name="Cheapest",
        hovertemplate="Cheapest, " + hover,
        marker={"color": BLUE, "size": 14, "symbol": "diamond"},
    )
    threshold, price = now
    if threshold is None:
        figure.add_scatter(
            x=[0, 1],
            y=[price, price],
            mode="lines",
            name="Now: most probable label",
            hovertemplate="Most probable label: %{y:,.4~g} per 1,000 people<extra></extra>",
            line={"color": VERMILION, "dash": "dot", "width": 3},
        )
    else:
        figure.add_scatter(
            x=[threshold],
            y=[price],
            mode="markers",
            name="Now",
            hovertemplate="Now, " + hover,
            marker={"color": VERMILION, "size": 15, "symbol": "star"},
        )
    _lay_out(
        figure, "Cost of every alarm threshold", "Alarm threshold (%)", "Cost per 1,000 people (your unit)"
    )
    figure.update_yaxes(tickformat="~s", dtick=None, range=None, rangemode="tozero")
    return figure


def _hover(data: pd.DataFrame) -> list[list[str | int]]:
    """Counts for each point."""
    counted = data[["True positives", "Positives", "False positives", "Negatives"]].to_numpy().tolist()
    return [[f"{t:.1%}", *row] for t, row in zip(data["Threshold"], counted, strict=True)]


def _mark(figure: go.Figure, point: Counts, where: tuple[float, float], hover: str) -> None:
    figure.add_scatter(
        x=[where[0]],
        y=[where[1]],
        mode="markers",
        name="Now, of answered faces" if point.undecided[0] else "Now",
        hovertemplate=f"Now: {hover}<extra></extra>",
        marker={"color": VERMILION, "size": 15, "symbol": "star"},
    )


def _lay_out(figure: go.Figure, title: str, x: str, y: str) -> None:
    figure.update_layout(
        title={"text": title},
        height=_HEIGHT,
        margin={"l": 8, "r": 28, "b": 8},
        legend={"orientation": "h", "y": -0.25},
        hovermode="closest",
    )
    axis = {"tickformat": ".0%", "dtick": 0.25, "automargin": True, "zeroline": False}
    figure.update_xaxes(title=x, range=[-0.01, 1.01], **axis)
    figure.update_yaxes(title=y, range=[-0.01, 1.02], **axis)
