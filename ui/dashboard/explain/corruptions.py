"""How the answer on a face holds as the picture gets worse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.classification import Classifier
from core.explain import STRESSES, Trial, put_under
from core.labels import appearance
from ui import chart
from ui.figures import explain as figures
from ui.wording import plain

ALL = "All kinds"
_BY_NAME = {stress.name: stress for stress in STRESSES}


def show(classifier: Classifier, crop: np.ndarray) -> None:
    """`crop` (H, W, 3) uint8 RGB is a face with the model's margin. Raises `ModelError`."""
    st.subheader("Stress lab", anchor=False)
    st.markdown("The same face made worse step by step, and what the model says of it then.")
    kind = st.pills(
        "Kind of stress",
        [*_BY_NAME, ALL],
        default=STRESSES[0].name,
        required=True,
        key="explain stress",
        persist_state="page",
    )
    if kind == ALL:
        with st.spinner("Asking the model…"):
            trials = [put_under(classifier, crop, stress) for stress in STRESSES]
        chart.table(summary(trials), overall(trials), key="explain-stress-all", width="stretch")
        return
    with st.spinner("Asking the model…"):
        trial = put_under(classifier, crop, _BY_NAME[kind])
    chart.show(figures.stress(trial), reading(trial), table(trial), key=f"explain-stress-{kind}")
    captions = [f"{severity(trial, i)}: {said(trial, i)}" for i in range(len(trial.crops))]
    st.image(list(trial.crops), caption=[plain(c) for c in captions], width=96, alt=captions)


def severity(trial: Trial, index: int) -> str:
    return "as it is" if index == trial.start else trial.stress.shown(trial.severities[index])


def said(trial: Trial, index: int) -> str:
    look = appearance(figures.answer_of(trial.answers, index))
    return f"{look.icon} {look.short}"


def named(trial: Trial, index: int) -> str:
    """The label in quotes, also where the app would not say it."""
    return f"“{appearance(trial.answers.named(index)).short}”"


def reading(trial: Trial) -> str:
    """What the chart shows of this face: where the answer turns, and where the app would not judge."""
    ways = trial.directions()
    if not ways:
        return "This face has too few pixels already for a smaller one to be tried."
    sentences = [_holds(trial, way) for way in ways]
    refused = trial.answers.refused[trial.start]
    if refused:
        sentences.append(f"Of the face as it is the app says “cannot tell”: {figures.why_short(refused)}.")
    elif any(trial.answers.refused):
        sentences += [_refusal(trial, way) for way in ways]
    else:
        sentences.append("The app would never say “cannot tell”.")
    return " ".join(sentences)


def _holds(trial: Trial, way: range) -> str:
    turn = trial.first_change(way)
    before = named(trial, trial.start)
    if turn is None:
        return f"{before} is named all the way to {severity(trial, way[-1])}."
    silent = "" if trial.answers.refused[turn] else ", without a “cannot tell”"
    last = turn - way.step
    held = "at the first step" if last == trial.start else f"after it held to {severity(trial, last)}"
    return f"{before} turns into {named(trial, turn)} at {severity(trial, turn)}, {held}{silent}."


def _refusal(trial: Trial, way: range) -> str:
    first = trial.first_refusal(way)
    if first is None:
        return f"The app would answer all the way to {severity(trial, way[-1])}."
    why = figures.why_short(trial.answers.refused[first] or "")
    return f"At {severity(trial, first)} the app would first say “cannot tell”: {why}."


def table(trial: Trial) -> pd.DataFrame:
    """A row a severity and label."""
    return pd.DataFrame(
        [
            {
                "Kind": trial.stress.name,
                "Unit": trial.stress.unit,
                "Severity": severity(trial, i),
                "Label": label,
                "Probability": float(trial.answers.probabilities[i, unit]),
                "Answer": trial.answers.named(i),
                "Cannot tell": trial.answers.refused[i] or "",
            }
            for i in range(len(trial.severities))
            for unit, label in enumerate(trial.answers.labels)
        ]
    )


def summary(trials: list[Trial]) -> pd.DataFrame:
    """A row a kind of stress and direction."""
    rows = []
    for trial in trials:
        for way in trial.directions():
            turn, refusal = trial.first_change(way), trial.first_refusal(way)
            last = way[-1] if turn is None else turn - way.step
            rows.append(
                {
                    "Stress": trial.stress.name,
                    "Severity": trial.stress.unit,
                    "Holds to": severity(trial, last),
                    "Turns into": "" if turn is None else appearance(trial.answers.named(turn)).short,
                    "at": "" if turn is None else severity(trial, turn),
                    "First cannot tell at": "" if refusal is None else severity(trial, refusal),
                    "because": ""
                    if refusal is None
                    else figures.why_short(trial.answers.refused[refusal] or ""),
                }
            )
    return pd.DataFrame(rows)


def overall(trials: list[Trial]) -> str:
    """What the table of all kinds shows of this face."""
    ways = [(trial, way) for trial in trials for way in trial.directions()]
    turned = [(trial, turn) for trial, way in ways if (turn := trial.first_change(way)) is not None]
    silent = sum(trial.answers.refused[turn] is None for trial, turn in turned)
    return (
        f"The answer is {named(trials[0], trials[0].start)}. It turns under {len(turned)} of {len(ways)} "
        f"stresses, {silent} of these without a “cannot tell” at that step."
    )
