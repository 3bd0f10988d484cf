"""What another least score would do: recall, precision and false faces against the operating point."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.metrics import format_interval, percent
from ui import chart
from ui.controls import choose_one, select
from ui.figures import ALL_SOURCES, SCORES, Measured, detection_scores, together

_STEP = 0.01


def show(measured: Sequence[Measured]) -> tuple[Measured, float]:
    """What was asked for, and the score that was chosen."""
    st.subheader("At another score", anchor=False)
    one = _ask(measured)
    score = st.slider(
        "Detection threshold", float(SCORES[0]), float(SCORES[-1]), _nearest(one.min_score), _STEP,
        key=f"detection score of {one.run}, {one.way}", persist_state="page",
        help="Preview only: the app searches at the operating points of the detector's card.",
    )  # fmt: skip
    if abs(score - one.min_score) < _STEP / 2:
        score = one.min_score
    at, before = one.at(score), one.at()
    recall, precision, false = st.columns(3)
    _metric(recall, "Recall", percent(at.recall.value), at.recall.value - before.recall.value)
    _metric(precision, "Precision", percent(at.precision.value), at.precision.value - before.precision.value)
    a_picture, more = _a_picture(at.false, one), _a_picture(at.false - before.false, one)
    said = "no pictures" if math.isnan(a_picture) else f"{a_picture:.2f}"
    _metric(false, "False positives per photo", said, more, points=False)
    data = detection_scores.data(one)
    left, right = st.columns(2)
    start = f"From score {score:g} on," + (" the operating point," if score == one.min_score else "")
    found = f"{start} {at.found:,} of {at.n:,} faces are found ({format_interval(at.recall.interval)})"
    false_ones = f"{start} {at.false:,} detections in {one.pictures:,} pictures match no label"
    with left:
        figure = detection_scores.recall_and_precision(data, one, score)
        chart.show(figure, f"{found}{_against(before.found, one, score)}.", data, key="detection by score")
    with right:
        figure = detection_scores.false_faces(data, one, score)
        sentence = f"{false_ones}{_against(before.false, one, score)}."
        chart.show(figure, sentence, data, key="detection false by score")
    return one, score


def _ask(measured: Sequence[Measured]) -> Measured:
    """One run and way, and one of its sources or all."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        run = select("Run", dict.fromkeys(one.run for one in measured), key="detection run")
        measured = [one for one in measured if one.run == run]
        ways = list(dict.fromkeys(one.way for one in measured))
        way = choose_one("Way", ways, key=f"detection way of {ways}")
        measured = [one for one in measured if one.way == way]
        if len(measured) == 1:
            return measured[0]
        chosen = st.selectbox(
            "Pictures of", range(-1, len(measured)), key=f"detection source of {len(measured)}",
            persist_state="page", format_func=lambda i: ALL_SOURCES if i < 0 else measured[i].source,
        )  # fmt: skip
    return measured[chosen] if chosen >= 0 else together(measured)


def _against(before: int, one: Measured, score: float) -> str:
    return "" if score == one.min_score else f"; at the operating point, {one.min_score:g}, it is {before:,}"


def _nearest(score: float) -> float:
    """A score that the slider has."""
    return float(SCORES[abs(SCORES - score).argmin()])


def _a_picture(false: int, one: Measured) -> float:
    return false / one.pictures if one.pictures else math.nan


def _metric(place: DeltaGenerator, name: str, value: str, more: float, *, points: bool = True) -> None:
    """`more` than at the operating point; `points` of per cent are good, false faces are not."""
    against = "against the operating point" if more else "at the operating point"
    difference = f"{100 * more:+.1f} points {against}" if points else f"{more:+.2f} {against}"
    place.metric(
        name,
        value,
        None if math.isnan(more) else difference if more else against,
        delta_color=("normal" if points else "inverse") if more else "off",
        delta_arrow="auto" if more else "off",
        border=True,
    )
