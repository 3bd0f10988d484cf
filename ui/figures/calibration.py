"""Figures of the calibration: reliability, and how sure right and wrong answers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from core.labels import BLUE, GREY, ORANGE, VERMILION
from core.review import ReliabilityBin
from ui.figures.style import error_bars, legend

AFTER, BEFORE = "After temperature", "Before temperature"
_LOOKS = {AFTER: (BLUE, "circle", "solid"), BEFORE: (ORANGE, "diamond", "dot")}


def reliability(curves: Mapping[str, Sequence[ReliabilityBin]]) -> go.Figure:
    """Accuracy against confidence by bin; `curves` are named `AFTER` and `BEFORE`."""
    lowest = min((b.low for bins in curves.values() for b in bins), default=0.0)
    figure = go.Figure()
    figure.add_scatter(
        name="As right as sure",
        x=[lowest, 1],
        y=[lowest, 1],
        mode="lines",
        line={"color": GREY, "dash": "dash", "width": 1.5},
        hoverinfo="skip",
    )
    for name, bins in curves.items():
        colour, symbol, dash = _LOOKS[name]
        figure.add_scatter(
            name=name,
            x=[b.confidence for b in bins],
            y=[b.accuracy.value for b in bins],
            error_y=error_bars(
                [b.accuracy.value for b in bins], [b.accuracy.interval for b in bins], width=3
            ),
            mode="lines+markers",
            marker={"color": colour, "symbol": symbol, "size": 9},
            line={"color": colour, "dash": dash, "width": 2},
            customdata=[(b.low, b.high, b.accuracy.n, *b.accuracy.interval) for b in bins],
            hovertemplate="Says %{x:.1%} on average (%{customdata[0]:.0%} to %{customdata[1]:.0%})"
            "<br>%{y:.1%} of %{customdata[2]:,} faces right"
            f"<br>95% interval %{{customdata[3]:.1%}} to %{{customdata[4]:.1%}}<extra>{name}</extra>",
        )
    return figure.update_layout(
        title="Calibration: does confidence match accuracy?",
        height=480,
        margin={"t": 50, "b": 110, "r": 16},
        legend=legend(),
        xaxis={"title": "Confidence", "tickformat": ".0%", "range": [lowest, 1.01]},
        yaxis={"title": "Share of right answers", "tickformat": ".0%", "range": [0, 1.02]},
    )


def reliability_data(curves: Mapping[str, Sequence[ReliabilityBin]]) -> pd.DataFrame:
    """What `reliability` shows: one row a bin."""
    return pd.DataFrame(
        [
            {
                "Probabilities": name,
                "Confidence from": b.low,
                "Confidence to": b.high,
                "Mean confidence": b.confidence,
                "Accuracy": b.accuracy.value,
                "95% from": b.accuracy.interval[0],
                "95% to": b.accuracy.interval[1],
                "Faces": b.accuracy.n,
            }
            for name, bins in curves.items()
            for b in bins
        ]
    )


def confidences(bins: Sequence[ReliabilityBin]) -> go.Figure:
    """How sure right and wrong answers are, each as proportions of their own number: the wrong are few."""
    figure = go.Figure()
    for name, colour, shape, counts in (
        ("Right answers", BLUE, "", [b.hits for b in bins]),
        ("Wrong answers", VERMILION, "/", [b.accuracy.n - b.hits for b in bins]),
    ):
        total = sum(counts)
        figure.add_bar(
            name=f"{name} ({total:,})",
            x=[(b.low + b.high) / 2 for b in bins],
            y=[count / total if total else 0 for count in counts],
            marker={"color": colour, "pattern": {"shape": shape}},
            customdata=[(b.low, b.high, count, total) for b, count in zip(bins, counts, strict=True)],
            hovertemplate="Confidence %{customdata[0]:.0%} to %{customdata[1]:.0%}"
            "<br>%{customdata[2]:,} of %{customdata[3]:,}: %{y:.1%}" + f"<extra>{name}</extra>",
        )
    return figure.update_layout(
        title="How sure right and wrong answers are",
        barmode="group",
        height=380,
        margin={"t": 50, "b": 110, "r": 16},
        legend=legend(),
        xaxis={"title": "Confidence", "tickformat": ".0%"},
        yaxis={"title": "Share of these answers", "tickformat": ".0%"},
    )


def confidence_data(bins: Sequence[ReliabilityBin]) -> pd.DataFrame:
    """What `confidences` shows: one row a bin."""
    return pd.DataFrame(
        {
            "Confidence from": [b.low for b in bins],
            "Confidence to": [b.high for b in bins],
            "Right answers": [b.hits for b in bins],
            "Wrong answers": [b.accuracy.n - b.hits for b in bins],
        }
    )
