"""What a threshold does, in rates and in both curves: the same for an alarm and for a label."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.metrics import format_interval, percent, rate, wilson
from core.review import AlarmCounts, ThresholdSweep
from ui import chart
from ui.figures import thresholds as figures

_MOST = 0.9  # recall at which the sentence reads the precision


def show_rates(counts: AlarmCounts, named: str = "named") -> None:
    """The rates of one operating point, each with its interval and n."""
    with st.container(horizontal=True):
        show_rate("Precision", counts.precision, f"Of those {named}, how many correctly")
        show_rate("Recall", counts.recall, f"Of the answered positives, how many are {named}")
        show_rate("False positive rate", counts.false_alarm_rate, f"Of the others, how many are {named}")
        if counts.undecided[0]:
            show_rate("Cannot tell", counts.undecided, "Of all faces: too small a lead to be answered")


def show_rate(name: str, hits_of_n: tuple[int, int], meaning: str) -> None:
    hits, n = hits_of_n
    chart.metric(
        name,
        percent(rate(hits, n)),
        format_interval(wilson(hits, n)),
        f"{hits:,} of {n:,}",
        f"{meaning}. Below: its 95% interval (Wilson; as if no two faces had to do with each other) "
        "and the faces.",
    )


def show_curves(curve: ThresholdSweep, counts: AlarmCounts, what: str, key: str) -> None:
    """ROC and precision-recall, side by side where there is room. `what` is shown escaped."""
    data = figures.curve_data(curve)
    left, right = st.columns(2)
    with left:
        chart.show(figures.roc(data, counts, what), read_roc(curve, counts), data, key=f"{key} roc")
    with right:
        sentence = read_precision_recall(curve, data)
        chart.show(
            figures.precision_recall(data, counts, what), sentence, data, key=f"{key} precision recall"
        )


def read_roc(curve: ThresholdSweep, counts: AlarmCounts) -> str:
    n = curve.positives + curve.negatives
    if not curve.positives or not curve.negatives:
        return f"{curve.positives:,} of {n:,} faces are positive: without both kinds there is no curve."
    return (
        f"AUC {curve.auc:.3f}: a positive face gets a higher probability than another one in {curve.auc:.1%} "
        f"of all pairs; guessing has 50%. Now {percent(rate(*counts.recall))} of the positives are found, "
        f"with {percent(rate(*counts.false_alarm_rate))} of the others."
    )


def read_precision_recall(curve: ThresholdSweep, data: pd.DataFrame) -> str:
    if not curve.positives or not curve.negatives:
        return "Without both kinds of faces there is no curve."
    prevalence = curve.positives / (curve.positives + curve.negatives)
    reached = data.loc[data["Recall"] >= _MOST, "Precision"]
    best = np.nanmax(reached) if len(reached) else np.nan
    return (
        f"Average precision {curve.average_precision:.3f}; flagging everyone gives {prevalence:.3f}, the "
        f"share of positives. Who wants {_MOST:.0%} of them found must accept that {percent(1 - best)} of "
        "those flagged are false alarms."
    )
