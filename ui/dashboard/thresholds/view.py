"""From which probability on something is named: both curves, and the app's operating point."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.decision import alarm_classes
from core.errors import MaskwiseError
from core.labels import appearance
from core.review import stored_counts, stored_sweep
from core.runs import OneVsRest, Run
from ui.dashboard.selection import AGAIN, Tested, choose
from ui.dashboard.thresholds import alarm
from ui.dashboard.thresholds.curves import show_curves, show_rates
from ui.wording import plain

_ALARM = "Alarm: mask not worn properly"


def show(runs: Sequence[Run]) -> None:
    chosen = choose.tested(runs)
    if chosen is None:
        return
    labels = chosen.evaluation.labels.names
    recorded = {curve.label: curve for curve in chosen.evaluation.one_vs_rest}
    # None is an alarm: a label of an untrusted record may be named like one
    offered: list[str | None] = [None] if alarm_classes(labels).any() else []
    offered += [label for label in labels if label in recorded]
    if not offered:
        st.info(f"This test was recorded without curves. {AGAIN}", icon=":material/science:")
        return
    label = st.selectbox(
        "What counts as positive",
        offered,
        format_func=lambda label: _ALARM if label is None else f"{appearance(label).short} ({label})",
        key="thresholds positive",
        persist_state="page",
    )
    try:
        if label is None:
            _show_alarm(chosen)
        else:
            _show_label(recorded[label])
    except MaskwiseError as problem:
        st.error(plain(str(problem)))


def _show_alarm(chosen: Tested) -> None:
    if not chosen.has_predictions:
        st.info(f"This test was recorded without its faces one by one. {AGAIN}", icon=":material/science:")
        return
    with st.spinner("Reading the faces…"):
        predictions = chosen.predictions()
    alarm.show(chosen, predictions)


def _show_label(record: OneVsRest) -> None:
    """A label against all others. The app has no threshold for it: it is for looking."""
    counts = stored_counts(record)
    if not counts:
        st.info(f"This test was recorded without thresholds. {AGAIN}", icon=":material/science:")
        return
    threshold = st.select_slider(
        "Threshold",
        list(counts),
        min(counts, key=lambda threshold: abs(threshold - 0.5)),
        format_func=lambda threshold: f"{threshold:.0%}",
        key=f"thresholds at {record.label}",
        persist_state="page",
        help="A face is named by this label from this probability on. Preview only: the app "
        "decides first whether a mask is worn properly, by the alarm's threshold or a half.",
    )
    at = counts[threshold]
    st.markdown(f"**On {at.positives:,} faces of this label and {at.negatives:,} others**")
    show_rates(at)
    name = appearance(record.label).short
    show_curves(stored_sweep(record), at, name, "thresholds label")
