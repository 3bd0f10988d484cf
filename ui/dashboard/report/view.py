"""How well a model tells each class, and in which sources and slices it is worst."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.errors import MaskwiseError
from core.labels import LabelSet, appearance
from core.metrics import format_interval, percent
from core.review import ClassReport, LabelFigures, class_report, coarser_label_sets, confusion_as
from core.runs import Evaluation, Run
from ui import chart
from ui.controls import select
from ui.dashboard.report.slices import show_slices, show_sources
from ui.dashboard.selection import AGAIN, Tested, choose
from ui.figures import report as figures
from ui.wording import plain

_ALIKE = "each class alike"


def show(runs: Sequence[Run]) -> None:
    chosen = choose.tested(runs)
    if chosen is None:
        return
    evaluation, own = chosen.evaluation, chosen.evaluation.labels.as_label_set()
    labels = _ask_reading(own)
    found = class_report.from_evaluation(evaluation) if labels is own else None
    found = found or _read_faces(chosen, labels)
    if found:
        st.caption(plain(_about(evaluation, labels, found)))
        _show_headline(found)
        _show_classes(found)
    st.subheader("Where it fails", anchor=False)
    if labels is not own:
        st.caption(f"Of the answers as they were measured: {len(own)} classes apart.")
    show_slices(evaluation)
    show_sources(evaluation)


def _ask_reading(own: LabelSet) -> LabelSet:
    """The label set to read the answers by, asked where there are several."""
    offered = {
        len(labels): labels for labels in coarser_label_sets(own)
    }  # each is smaller than the one before
    size = select(
        "Group labels as",
        offered,
        format_func=lambda size: f"{size} classes: {', '.join(map(_name, offered[size]))}",
        key="report read as",
        help="Fewer classes: the probabilities of those that count as one are summed.",
    )
    return offered[size]


def _read_faces(chosen: Tested, labels: LabelSet) -> ClassReport | None:
    """The report as the faces one by one give it; says so where they are not recorded."""
    if not chosen.has_predictions:
        st.info(
            f"This needs the faces one by one, which were not recorded. {AGAIN}", icon=":material/science:"
        )
        return None
    try:
        with st.spinner("Reading the faces…"):
            return class_report.from_counts(confusion_as(chosen.predictions(), labels), labels.labels)
    except MaskwiseError as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return None


def _about(evaluation: Evaluation, labels: LabelSet, found: ClassReport) -> str:
    """What was measured on, and what not."""
    n, times = found.accuracy.n, len(evaluation.recorded_at)
    said = [f"Measured on {n:,} faces.", _seen(evaluation)]
    if evaluation.mapped_from:
        said.append(f"The model tells more classes apart ({evaluation.mapped_from}); the data does not.")
    if evaluation.left_out:
        names = ", ".join(f"{count:,} “{_name(label)}”" for label, count in evaluation.left_out.items())
        said.append(f"Left out, as the model has no such class: {names}.")
    if n < evaluation.n:
        said.append(
            f"Left out, as they are in none of these {len(labels)} classes: {evaluation.n - n:,} faces."
        )
    if evaluation.unreadable:
        said.append(f"{len(evaluation.unreadable):,} pictures could not be read.")
    if times:
        often = "once" if times == 1 else f"{times} times"
        said.append(f"Evaluated {often}, last on {evaluation.recorded_at[-1][:10]}.")
    if times > 1:
        said.append("What is chosen after a look at a test does better on it than elsewhere.")
    return " ".join(said)


def _seen(evaluation: Evaluation) -> str:
    leakage = evaluation.leakage
    if leakage is None or leakage.shared_faces is None:
        return "Whether training saw others of their groups, such as one person's pictures, is not recorded."
    if leakage.shared_faces:
        return f"{leakage.shared_faces:,} are of groups that training saw, so these figures are too good."
    return "Training saw none of their groups, such as one person's pictures."


def _show_headline(found: ClassReport) -> None:
    accuracy, baseline = found.accuracy, found.baseline
    with st.container(horizontal=True):
        chart.metric(
            "Accuracy",
            percent(accuracy.value),
            format_interval(accuracy.interval),
            f"of {accuracy.n:,} faces",
        )
        chart.metric(
            "Majority baseline", percent(baseline.accuracy), f"always “{plain(_name(baseline.label))}”"
        )
        drawn = "" if math.isnan(sum(found.macro_recall)) else format_interval(found.macro_recall)
        chart.metric("Macro recall", percent(found.macro.recall), drawn or _ALIKE, _ALIKE if drawn else "")
        chart.metric("Macro precision", percent(found.macro.precision), _ALIKE)
        chart.metric("Macro F1", percent(found.macro.f1), _ALIKE)


def _show_classes(found: ClassReport) -> None:
    chart.show(figures.by_label(found), _sentence(found), figures.label_data(found), key="report classes")
    rows = [
        {
            "Class": appearance(row.label).short,
            "Faces": row.n,
            "Recall": row.recall.value,
            "Recall, 95%": format_interval(row.recall.interval),
            "Precision": row.precision.value,
            "Precision, 95%": format_interval(row.precision.interval),
            "F1": row.f1.value,
            "F1, 95%": format_interval(row.f1.interval),
        }
        for row in found.labels
    ]
    for name, mean, interval in (
        ("Macro mean", found.macro, format_interval(found.macro_recall)),
        ("Weighted mean", found.weighted, "no interval"),
    ):
        rows.append(
            {
                "Class": name,
                "Faces": found.accuracy.n,
                "Recall": mean.recall,
                "Recall, 95%": interval,
                "Precision": mean.precision,
                "Precision, 95%": "no interval",
                "F1": mean.f1,
                "F1, 95%": "no interval",
            }
        )
    chart.table(
        pd.DataFrame(rows),
        "The macro mean counts each class alike, the weighted mean by its faces; classes without examples "
        "are in neither.",
        key="report class table",
        placeholder="no examples",
        column_config=dict.fromkeys(("Recall", "Precision", "F1"), chart.PERCENT),
    )


def _sentence(found: ClassReport) -> str:
    """What the chart by class says."""
    occurring = sorted((row for row in found.labels if row.n), key=lambda row: row.recall.value)
    if not occurring:
        return "There are no examples of any class."
    weakest, best = occurring[0], occurring[-1]
    said = [
        f"Weakest: “{_name(weakest.label)}”, {percent(weakest.recall.value)} of {weakest.n:,} such faces are "
        f"correct ({format_interval(weakest.recall.interval)})."
    ]
    if weakest.precision.n:
        said.append(f"Where it says “{_name(weakest.label)}”, {percent(weakest.precision.value)} are.")
    if best is not weakest:
        said.append(f"Best: “{_name(best.label)}”, {percent(best.recall.value)} of {best.n:,}.")
    return " ".join([*said, _intervals(occurring)])


def _intervals(rows: Sequence[LabelFigures]) -> str:
    """How the intervals were made."""
    by_group = sum(row.recall.by_group for row in rows)
    if not by_group:
        return "Intervals take faces one by one (Wilson): too narrow where faces have near-twins."
    whose = "recall" if by_group == len(rows) else f"recall in {by_group} of {len(rows)} classes"
    return (
        f"Intervals of {whose} are a bootstrap's that draws whole groups; the others take faces one by one "
        "(Wilson): too narrow where faces have near-twins."
    )


def _name(label: str) -> str:
    return appearance(label).short
