"""Figures of what another least score would do: recall and precision, and false faces a picture."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.labels import BLUE, GREY, VERMILION
from core.runs import LEAST_SCORE
from ui.figures.detection import PRECISION, RECALL, Measured, laid_out
from ui.wording import in_chart

SCORES = np.arange(round(100 * LEAST_SCORE), 100) / 100  # as the slider has them
_FALSE = "False a picture"
_LEGEND = 4  # lines of it on a narrow screen


def data(one: Measured) -> pd.DataFrame:
    """One row for each of `SCORES`: what is found from it on. NaN is a proportion of nothing."""
    matches, n = one.rows.matches(), one.n
    true, false = (np.sort(matches.scores[hits]) for hits in (matches.hits, ~matches.hits))
    found, wrong = (len(some) - np.searchsorted(some, SCORES) for some in (true, false))
    both = found + wrong
    return pd.DataFrame(
        one.columns
        | {
            "Score": SCORES,
            "Faces": n,
            "Found": found,
            "False": wrong,
            "Recall": found / n if n else np.nan,
            "Precision": np.divide(found, both, out=np.full(len(both), np.nan), where=both > 0),
            _FALSE: wrong / one.pictures if one.pictures else np.nan,
        }
    )


def recall_and_precision(rows: pd.DataFrame, one: Measured, chosen: float) -> go.Figure:
    """Recall and precision of `data`; the chosen score and the operating point are upright lines."""
    found = go.Figure()
    for column, words, colour, dash in (
        ("Recall", RECALL, BLUE, "solid"),
        ("Precision", PRECISION, VERMILION, "dot"),
    ):
        found.add_scatter(
            x=rows["Score"],
            y=rows[column],
            name=column,
            mode="lines",
            line={"color": colour, "width": 2.5, "dash": dash},
            hovertemplate=f"score %{{x:.2f}} and more: %{{y:.1%}} {words}<extra></extra>",
        )
    _lay_out(found, f"Recall and precision by score: {in_chart(one.name)}", one, chosen, 0.0, 1.0)
    found.update_yaxes(title="recall and precision (%)", tickformat=".0%", range=[-0.01, 1.02])
    return found


def false_faces(rows: pd.DataFrame, one: Measured, chosen: float) -> go.Figure:
    """False faces a picture of `data`, with the same upright lines. Where there are none the line ends."""
    found = go.Figure()
    found.add_scatter(
        x=rows["Score"],
        y=rows[_FALSE],
        customdata=rows["False"],
        name="False faces",
        mode="lines",
        line={"color": BLUE, "width": 2.5},
        hovertemplate="score %{x:.2f} and more: %{y:.3~g} false positives per photo, %{customdata:,} in all"
        "<extra></extra>",
    )
    some = rows[_FALSE][rows[_FALSE] > 0]
    ends = (some.min(), some.max()) if len(some) else (0.1, 1.0)
    _lay_out(found, f"False faces by score: {in_chart(one.name)}", one, chosen, *ends)
    # From a hundred a picture at the least score to one in a hundred pictures
    found.update_yaxes(title="false positives per photo, logarithmic", type="log", tickformat="~g", dtick=1)
    return found


def _lay_out(found: go.Figure, title: str, one: Measured, chosen: float, bottom: float, top: float) -> None:
    for name, score, dash in (("Operating point", one.min_score, "dash"), ("Chosen", chosen, "solid")):
        found.add_scatter(
            x=[score, score], y=[bottom, top], name=f"{name}: {score:g}", mode="lines",
            line={"color": GREY, "width": 2, "dash": dash}, hoverinfo="skip",
        )  # fmt: skip
    laid_out(found, title, _LEGEND, 340)
    found.update_xaxes(title="detection threshold", tickformat=".1f", range=[0, 1])
