"""How the answer on a face holds as the picture gets worse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.classification import Classifier
from core.explain import CORRUPTIONS, RobustnessCurve, measure_robustness
from core.labels import appearance
from ui import chart
from ui.controls import choose_one
from ui.figures import explain as figures
from ui.wording import plain

ALL = "All kinds"
_BY_NAME = {corruption.name: corruption for corruption in CORRUPTIONS}


def show(classifier: Classifier, crop: np.ndarray) -> None:
    """`crop` (H, W, 3) uint8 RGB is a face with the model's margin. Raises `ModelError`."""
    st.subheader("Stress lab", anchor=False)
    st.markdown("The same face made worse step by step, and what the model says of it then.")
    kind = choose_one("Kind of stress", [*_BY_NAME, ALL], key="explain stress", draw=st.pills)
    if kind == ALL:
        with st.spinner("Asking the model…"):
            curves = [measure_robustness(classifier, crop, corruption) for corruption in CORRUPTIONS]
        chart.table(summary(curves), overall(curves), key="explain-stress-all", width="stretch")
        return
    with st.spinner("Asking the model…"):
        curve = measure_robustness(classifier, crop, _BY_NAME[kind])
    chart.show(figures.robustness(curve), reading(curve), table(curve), key=f"explain-stress-{kind}")
    captions = [f"{severity(curve, i)}: {said(curve, i)}" for i in range(len(curve.crops))]
    st.image(list(curve.crops), caption=[plain(c) for c in captions], width=96, alt=captions)


def severity(curve: RobustnessCurve, index: int) -> str:
    return "as it is" if index == curve.start else curve.corruption.shown(curve.severities[index])


def said(curve: RobustnessCurve, index: int) -> str:
    look = appearance(figures.answer_of(curve.answers, index))
    return f"{look.icon} {look.short}"


def named(curve: RobustnessCurve, index: int) -> str:
    """The label in quotes, also where the app would not say it."""
    return f"“{appearance(curve.answers.named(index)).short}”"


def reading(curve: RobustnessCurve) -> str:
    """What the chart shows of this face: where the answer turns, and where the app would not judge."""
    ways = curve.directions()
    if not ways:
        return "This face has too few pixels already for a smaller one to be tried."
    sentences = [_holds(curve, way) for way in ways]
    refused = curve.answers.refused[curve.start]
    if refused:
        sentences.append(f"Of the face as it is the app says “cannot tell”: {figures.why_short(refused)}.")
    elif any(curve.answers.refused):
        sentences += [_refusal(curve, way) for way in ways]
    else:
        sentences.append("The app would never say “cannot tell”.")
    return " ".join(sentences)


def _holds(curve: RobustnessCurve, way: range) -> str:
    turn = curve.first_change(way)
    before = named(curve, curve.start)
    if turn is None:
        return f"{before} is named all the way to {severity(curve, way[-1])}."
    silent = "" if curve.answers.refused[turn] else ", without a “cannot tell”"
    last = turn - way.step
    held = "at the first step" if last == curve.start else f"after it held to {severity(curve, last)}"
    return f"{before} turns into {named(curve, turn)} at {severity(curve, turn)}, {held}{silent}."


def _refusal(curve: RobustnessCurve, way: range) -> str:
    first = curve.first_refusal(way)
    if first is None:
        return f"The app would answer all the way to {severity(curve, way[-1])}."
    why = figures.why_short(curve.answers.refused[first] or "")
    return f"At {severity(curve, first)} the app would first say “cannot tell”: {why}."


def table(curve: RobustnessCurve) -> pd.DataFrame:
    """A row a severity and label."""
    return pd.DataFrame(
        [
            {
                "Kind": curve.corruption.name,
                "Unit": curve.corruption.unit,
                "Severity": severity(curve, i),
                "Label": label,
                "Probability": float(curve.answers.probabilities[i, class_index]),
                "Answer": curve.answers.named(i),
                "Cannot tell": curve.answers.refused[i] or "",
            }
            for i in range(len(curve.severities))
            for class_index, label in enumerate(curve.answers.labels)
        ]
    )


def summary(curves: list[RobustnessCurve]) -> pd.DataFrame:
    """A row a kind of corruption and direction."""
    rows = []
    for curve in curves:
        for way in curve.directions():
            turn, refusal = curve.first_change(way), curve.first_refusal(way)
            last = way[-1] if turn is None else turn - way.step
            rows.append(
                {
                    "Stress": curve.corruption.name,
                    "Severity": curve.corruption.unit,
                    "Holds to": severity(curve, last),
                    "Turns into": "" if turn is None else appearance(curve.answers.named(turn)).short,
                    "at": "" if turn is None else severity(curve, turn),
                    "First cannot tell at": "" if refusal is None else severity(curve, refusal),
                    "because": ""
                    if refusal is None
                    else figures.why_short(curve.answers.refused[refusal] or ""),
                }
            )
    return pd.DataFrame(rows)


def overall(curves: list[RobustnessCurve]) -> str:
    """What the table of all kinds shows of this face."""
    ways = [(curve, way) for curve in curves for way in curve.directions()]
    turned = [(curve, turn) for curve, way in ways if (turn := curve.first_change(way)) is not None]
    silent = sum(curve.answers.refused[turn] is None for curve, turn in turned)
    return (
        f"The answer is {named(curves[0], curves[0].start)}. It turns under {len(turned)} of {len(ways)} "
        f"stresses, {silent} of these without a “cannot tell” at that step."
    )
