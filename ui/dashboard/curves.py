"""Curves: how the selected runs' trainings went, epoch by epoch, also while they go on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.review import (
    EpochSeries,
    accuracy_interval,
    curve_diagnosis,
    curves_of,
    diagnose_accuracy,
    diagnose_learning_rate,
    diagnose_loss,
    validation_faces,
)
from core.runs import Run
from ui import chart
from ui.controls import choose_one
from ui.dashboard.selection import draw_live, say_state, state_of
from ui.figures import ACCURACY, LEARNING_RATE, LOSS, MAX_CURVES, Quantity, by_epoch

DIAGNOSES = {LOSS: diagnose_loss, ACCURACY: diagnose_accuracy, LEARNING_RATE: diagnose_learning_rate}


def show(runs: Sequence[Run]) -> None:
    draw_live(_draw, runs)


def _draw(runs: Sequence[Run]) -> None:
    for run in runs:
        say_state(run)
    curves = [c for run in runs for c in curves_of(run, ended=state_of(run) != "in progress")]
    if not curves:
        return
    minutes, log, smoothing, parts = _controls(curves, own={run.name for run in runs})
    if not parts:
        curves = [curve for curve in curves if curve.name in {run.name for run in runs}] or curves
    if len(curves) > MAX_CURVES:
        st.caption(f"The first {MAX_CURVES} of {len(curves)} networks are drawn.")
        curves = curves[:MAX_CURVES]
    left, right = st.columns(2)
    with left:
        figure = by_epoch(LOSS, curves, minutes=minutes, log=log, smoothing=smoothing)
        said = (
            _sentence(LOSS, curves),
            curve_diagnosis.why_losses_differ(curves),
            curve_diagnosis.averages(curves),
        )
        chart.show(figure, "\n\n".join(filter(None, said)), data(LOSS, curves), key="curves loss")
    with right:
        figure = by_epoch(ACCURACY, curves, minutes=minutes, smoothing=smoothing)
        sentence = f"{_sentence(ACCURACY, curves)}\n\nThe score is the mean recall of sources and labels."
        chart.show(figure, sentence, data(ACCURACY, curves), key="curves accuracy")
    figure = by_epoch(LEARNING_RATE, curves, minutes=minutes, log=log)
    chart.show(
        figure, _sentence(LEARNING_RATE, curves), data(LEARNING_RATE, curves), key="curves learning rate"
    )


def _controls(curves: Sequence[EpochSeries], own: set[str]) -> tuple[bool, bool, float, bool]:
    """Over minutes, logarithmic, smoothing strength, and whether parts are drawn."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        across = choose_one("Over", ["epochs", "minutes"], key="curves over")
        scale = choose_one("Loss and learning rate", ["linear", "logarithmic"], key="curves scale")
        smoothing = st.slider(
            "Smoothing", 0.0, 0.95, 0.0, 0.05, key="curves smoothing", persist_state="page", width=220,
            help="Exponential moving average, corrected for its start. The line as measured stays, faintly.",
        )  # fmt: skip
        parts = True
        if not own.issuperset(curve.name for curve in curves):
            parts = st.toggle(
                "Parts", value=True, key="curves parts", persist_state="page",
                help="Networks that were trained first and then joined",
            )  # fmt: skip
    return across == "minutes", scale == "logarithmic", smoothing, parts


def _sentence(quantity: Quantity, curves: Sequence[EpochSeries]) -> str:
    """A paragraph for each network, or for those of which the same is true."""
    names: dict[str, list[str]] = {}
    for curve in curves:
        names.setdefault(DIAGNOSES[quantity](curve), []).append(" ".join(curve.name.split()))
    if len(curves) == 1:
        return next(iter(names))
    return "\n\n".join(f"{'; '.join(of)}: {sentence}" for sentence, of in names.items())


def data(quantity: Quantity, curves: Sequence[EpochSeries]) -> pd.DataFrame:
    """One row an epoch; the interval is of the validation accuracy."""
    rows = []
    for curve in curves:
        for i, (epoch, minutes) in enumerate(zip(curve.epochs, curve.minutes, strict=True)):
            row = {
                "network": curve.name,
                "epoch": i + 1,
                "minutes trained": minutes,
                "phase": epoch.phase,
                "best epoch": i == curve.best,
            }
            row |= {_column(quantity, line.name): getattr(epoch, line.field) for line in quantity.lines}
            if quantity is ACCURACY:
                low, high = accuracy_interval(epoch)
                row |= {"validation faces": validation_faces(epoch)[1], "interval low": low}
                row["interval high"] = high
            rows.append(row)
    return pd.DataFrame(rows)


def _column(quantity: Quantity, line: str) -> str:
    return line if line in ("score", "learning rate") else f"{line} {quantity.title.lower()}"
