"""From when a face raises an alarm: chosen by hand or by what errors cost, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import streamlit as st

from core.decision import OperatingPoint, alarm_classes, alarm_probability
from core.errors import RecordError
from core.metrics import format_interval, percent, rate, wilson
from core.review import AlarmCounts, thresholds
from core.runs import Predictions
from ui import chart
from ui.dashboard.selection import Tested
from ui.dashboard.thresholds import saved
from ui.dashboard.thresholds.controls import Keys, PlotPoint, ask_place, ask_point, set_threshold
from ui.dashboard.thresholds.curves import show_curves, show_rates
from ui.figures import thresholds as figures
from ui.wording import plain


@dataclass(frozen=True, slots=True, eq=False)
class Alarms:
    """Test faces as alarms: (N,) bool `positive` should raise one, (N,) `score` is its probability."""

    predictions: Predictions
    classes: np.ndarray
    positive: np.ndarray
    score: np.ndarray

    def counts_at(self, point: OperatingPoint) -> AlarmCounts:
        return thresholds.count_alarms(self.predictions.probabilities, self.positive, self.classes, point)


@st.fragment  # a slider's move computes this view alone, not the page
def show(chosen: Tested, predictions: Predictions) -> None:
    """Only for labels of which it is known which raise an alarm."""
    classes = alarm_classes(chosen.evaluation.labels.names)
    alarms = Alarms(
        predictions, classes, classes[predictions.true], alarm_probability(predictions.probabilities, classes)
    )
    try:
        model, refused = saved.installed(chosen), ""
    except RecordError as problem:
        model, refused = None, str(problem)
    by_hand, by_cost = st.columns(2, border=True)
    keys = Keys.of(chosen)
    with by_cost:
        place = ask_place(rate(int(alarms.positive.sum()), len(alarms.positive)), keys)
        costs = thresholds.costs(
            alarms.score, alarms.positive, place.prevalence, place.miss, place.false_alarm
        )
        priced = bool(np.isfinite(costs).all() and costs.any())
        st.button(
            "Set the cheapest threshold",
            key="thresholds cheapest",
            icon=":material/savings:",
            disabled=not priced,
            on_click=set_threshold,
            args=(keys, thresholds.cheapest(costs) if priced else 0.5),
        )
    with by_hand:
        point = ask_point(keys, model.in_use() if model else OperatingPoint())
    counts = alarms.counts_at(point)
    _show_rates(counts, place)
    with st.container(border=True):
        if model:
            saved.show(model, point)
        else:
            st.caption(plain(refused))
    show_curves(
        thresholds.threshold_sweep(alarms.score, alarms.positive), counts, "alarm", "thresholds alarm"
    )
    if priced:
        _show_costs(alarms, point, place, costs)
    _show_sources(alarms, point)


def _show_rates(counts: AlarmCounts, place: PlotPoint) -> None:
    st.markdown(f"**On the {counts.undecided[1]:,} faces of this test**")
    show_rates(counts, "raising an alarm")
    people = thresholds.per_thousand(counts, place.prevalence)
    st.markdown(
        f"**Of 1,000 people, {1000 * place.prevalence:.0f} of whom wear no mask or wear it incorrectly**"
    )
    with st.container(horizontal=True):
        for name, expected in {
            "Alarms": people.alarms,
            "Right alarms": people.right_alarms,
            "False alarms": people.false_alarms,
            "Misses": people.misses,
            "Cannot tell": people.cannot_tell,
        }.items():
            st.metric(name, _people(expected), width="content")
        chart.metric(
            "Precision there",
            percent(people.precision),
            format_interval(people.precision_interval),
            about="Of the alarms there, how many are right. Below: its interval, of at least 95%.",
        )
    st.caption(
        "Assumes that people there are answered as those of this test are. Faces that are “cannot tell” "
        "count neither as an alarm nor as none; those of too poor a quality, which the app leaves out too, "
        "are additional. The point is chosen and measured on the same faces, so its rates are a little too "
        "good."
    )


def _people(expected: float) -> str:
    """Tenths where they matter, so that what is shown adds up."""
    if np.isnan(expected):
        return "no examples"
    return f"{expected:.0f}" if expected >= 100 or expected == 0 else f"{expected:.1f}"


def _show_costs(alarms: Alarms, point: OperatingPoint, place: PlotPoint, costs: np.ndarray) -> None:
    answered = alarms.counts_at(replace(point, min_margin=0.0))
    now = thresholds.cost(answered, place.prevalence, place.miss, place.false_alarm)
    best = thresholds.cheapest(costs)
    least = float(costs.min())
    saving = "which is as cheap" if now <= least else f"{now - least:,.4g} more"
    whose = "the more probable answer" if point.alarm_threshold is None else f"{point.alarm_threshold:.0%}"
    chart.show(
        figures.cost(costs, (point.alarm_threshold, now), best),
        f"Cheapest on these faces is a threshold of {best:.0%}, with {least:,.4g} per 1,000 people; now "
        f"({whose}) it is {now:,.4g}, {saving}. Every face is answered here, as “cannot tell” has no price.",
        pd.DataFrame({"Alarm threshold": thresholds.THRESHOLDS, "Cost per 1,000 people": costs}),
        key="thresholds cost",
    )


def _show_sources(alarms: Alarms, point: OperatingPoint) -> None:
    found = thresholds.count_alarms_by_group(
        alarms.predictions.source, alarms.predictions.probabilities, alarms.positive, alarms.classes, point
    )
    rows = []
    for source, counts in found.items():
        rates = {
            "Recall": counts.recall,
            "False positive rate": counts.false_alarm_rate,
            "Precision": counts.precision,
            "Cannot tell": counts.undecided,
        }
        row = {"Source": source, "Faces": counts.undecided[1]}
        row |= {name: rate(*hits_of_n) for name, hits_of_n in rates.items()}
        for name, (hits, n) in rates.items():
            low, high = wilson(hits, n)
            row |= {f"{name} n": n, f"{name} from": low, f"{name} to": high}
        rows.append(row)
    data = pd.DataFrame(rows)
    proportions = data.select_dtypes("float").columns
    st.markdown("**By source at this point**")
    chart.table(
        data,
        _read_sources(found),
        key="thresholds sources",
        column_config={
            column: st.column_config.NumberColumn(format="percent", width=130) for column in proportions
        },
        placeholder="no examples",
    )


def _read_sources(found: dict[str, AlarmCounts]) -> str:
    worst, counts = next(iter(found.items()))
    if len(found) == 1:
        return f"All faces are of one source, {worst}: nothing is known of others."
    return (
        f"Worst first, by the mean of recall and of what raises no false alarm. {worst}: "
        f"{percent(rate(*counts.recall))} of {counts.recall[1]:,} positives are found, with "
        f"{percent(rate(*counts.false_alarm_rate))} of {counts.false_alarm_rate[1]:,} others."
    )
