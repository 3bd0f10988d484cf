"""What the alarm's view asks: an operating point, and the place where the app is to be used."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.decision import OperatingPoint
from ui.dashboard.selection import Tested

_MOST_PROBABLE, _THRESHOLD = "More probable answer", "Alarm threshold"


@dataclass(frozen=True, slots=True)
class PlotPoint:
    """Where the app is to be used: how many of its people are positive, and what each error costs."""

    prevalence: float
    miss: float
    false_alarm: float


@dataclass(frozen=True, slots=True)
class Keys:
    """Of the widgets: another model has another operating point, another test other positives."""

    rule: str
    threshold: str
    margin: str
    prevalence: str

    @classmethod
    def of(cls, chosen: Tested) -> Keys:
        rule, threshold, margin = (f"thresholds {it} of {chosen.run.name}" for it in ("rule", "at", "margin"))
        return cls(rule, threshold, margin, f"thresholds people of {chosen.title}")


def set_threshold(keys: Keys, threshold: float) -> None:
    st.session_state[keys.rule] = _THRESHOLD
    st.session_state[keys.threshold] = round(threshold * 100)


def ask_point(keys: Keys, used: OperatingPoint) -> OperatingPoint:
    """Begins with the one in use."""
    state = st.session_state  # not the widgets' own defaults: a button sets these too
    state.setdefault(keys.rule, _MOST_PROBABLE if used.alarm_threshold is None else _THRESHOLD)
    state.setdefault(keys.threshold, min(99, max(1, round((used.alarm_threshold or 0.5) * 100))))
    state.setdefault(keys.margin, min(95, max(0, round(used.min_margin * 100))))
    rule = st.segmented_control(
        "A face raises an alarm by",
        [_MOST_PROBABLE, _THRESHOLD],
        key=keys.rule,
        required=True,
        persist_state="page",
        help="“Worn incorrectly” and “no mask” raise an alarm as soon as they have that much probability "
        "together; without a threshold, as soon as they have a half.",
    )
    threshold = st.slider(
        "Alarm threshold",
        1,
        99,
        key=keys.threshold,
        format="%d%%",
        disabled=rule == _MOST_PROBABLE,
        persist_state="page",
        help="Lower: fewer misses, more false alarms.",
    )
    margin = st.slider(
        "Minimum certainty",
        0,
        95,
        key=keys.margin,
        format="%d%%",
        persist_state="page",
        help="“Worn properly” must lead “not worn properly”, or the reverse, by this many percentage "
        "points; else the answer is “cannot tell”.",
    )
    return OperatingPoint(margin / 100, threshold / 100 if rule == _THRESHOLD else None)


def ask_place(of_test: float, keys: Keys) -> PlotPoint:
    """Begins with the test's rate of positives, and with errors that cost the same: nothing is assumed."""
    in_test = round(1000 * of_test)
    st.session_state.setdefault(keys.prevalence, in_test)
    people = st.number_input(
        "At your site, how many of 1,000 people wear no mask or wear it incorrectly?",
        0,
        1000,
        step=10,
        key=keys.prevalence,
        persist_state="page",
    )
    st.caption(f"In this test {in_test:,} of 1,000 faces do, which says nothing about your site.")
    miss, false_alarm = st.columns(2)
    return PlotPoint(
        people / 1000,
        miss.number_input(
            "Cost of a missed violation",
            0.0,
            1e6,
            1.0,
            key="thresholds miss",
            persist_state="page",
            help="In any unit",
        ),
        false_alarm.number_input(
            "Cost of a false alarm",
            0.0,
            1e6,
            1.0,
            key="thresholds false alarm",
            persist_state="page",
            help="In the same unit",
        ),
    )
