"""In which sources and slices of the test faces a model is worst."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.labels import appearance
from core.metrics import format_interval, percent
from core.review import LEAST, SliceAccuracy, worst, worst_first
from core.runs import Evaluation
from ui import chart
from ui.figures import report as figures

MAX_ROWS = 40  # rows of the chart: an untrusted record may have any number of sources. The table has all
NOT_KNOWN = "not known"  # as training.evaluate writes it
_PICTURES = {"real": "as taken", "drawn": "with a drawn mask"}


def show_slices(evaluation: Evaluation) -> None:
    """Accuracy by slice, worst first."""
    found = [s for s in worst_first(evaluation) if not _says_nothing(s, evaluation)]
    known = [s for s in found if s.accuracy.n]
    if not known:
        st.info("This test was recorded without slices.", icon=":material/science:")
        return
    differs = [s for s in known if s.tells and not _holds(s.accuracy.interval, evaluation.accuracy)]
    shown = (differs or known)[:MAX_ROWS]
    figure = figures.by_slice(shown, [_name(s) for s in shown], evaluation.accuracy)
    data = pd.DataFrame(
        {
            "Slice": [_name(s) for s in found],
            "Faces": [s.accuracy.n for s in found],
            "Right": [round(s.accuracy.value * s.accuracy.n) if s.accuracy.n else 0 for s in found],
            "Accuracy": [s.accuracy.value for s in found],
            "95% from": [s.accuracy.interval[0] for s in found],
            "95% to": [s.accuracy.interval[1] for s in found],
            "Note": [_note(s) for s in found],
        }
    )
    chart.show(figure, _sentence(evaluation, found), data, key="report slices")
    if differs:
        st.caption(
            f"Only those are drawn that lie clear of all faces, {len(differs)} of {len(known)}; the table "
            "below has the others."
        )
    with st.expander("All slices as a table", icon=":material/table:"):
        chart.table(
            data,
            f"Slices of fewer than {LEAST} faces tell nothing and stand below the others.",
            key="report slice table",
            placeholder="no examples",
            column_config=dict.fromkeys(("Accuracy", "95% from", "95% to"), chart.PERCENT),
        )


def _holds(interval: tuple[float, float], value: float) -> bool:
    return interval[0] <= value <= interval[1]


def _name(found: SliceAccuracy) -> str:
    if found.quantity == "drawn":
        return f"Picture: {_PICTURES.get(found.value, found.value)}"
    return f"{found.quantity.capitalize()}: {found.value}"


def _note(found: SliceAccuracy) -> str:
    if not found.accuracy.n:
        return "no examples"
    return "" if found.tells else "too few to tell"


def _says_nothing(found: SliceAccuracy, evaluation: Evaluation) -> bool:
    """Of all faces, of those whose value is not known, or of a quantity that is not known of most."""
    if found.accuracy.n == evaluation.n or found.value == NOT_KNOWN:
        return True
    _, unknown = evaluation.subgroups.get(found.quantity, {}).get(NOT_KNOWN, (0, 0))
    return 2 * unknown > evaluation.n


def _sentence(evaluation: Evaluation, found: Sequence[SliceAccuracy]) -> str:
    lowest = worst(found)
    if lowest is None:
        return f"No slice has {LEAST} faces, so none tells anything."
    accuracy = lowest.accuracy
    below = accuracy.interval[1] < evaluation.accuracy
    return (
        f"Worst is “{_name(lowest)}”: {percent(accuracy.value)} of {accuracy.n:,} faces are right "
        f"({format_interval(accuracy.interval)}), against {percent(evaluation.accuracy)} of all: "
        + ("the whole interval lies below. " if below else "within the interval, so it may be chance. ")
        + "Of many slices one is the worst by chance alone, and sources differ in their classes. "
        "Intervals take faces one by one (Wilson)."
    )


def show_sources(evaluation: Evaluation) -> None:
    """Recall by source and class, least first."""
    scores = sorted((s for s in evaluation.scores if s.n), key=lambda s: s.recall)
    if not scores:
        return
    rows = []
    for score in scores:
        others = {label: count for label, count in score.predicted.items() if label != score.label and count}
        rows.append(
            {
                "Source": score.source,
                "Class": appearance(score.label).short,
                "Faces": score.n,
                "Recall": score.recall,
                "95% from": score.interval[0],
                "95% to": score.interval[1],
                "Most often taken for": appearance(max(others, key=others.__getitem__)).short
                if others
                else "",
                "Note": "" if score.n >= LEAST else "too few to tell",
            }
        )
    least = next((s for s in scores if s.n >= LEAST), None)
    sentence = f"No source has {LEAST} faces of a class, so none tells anything."
    if least:
        sentence = (
            f"Least: “{appearance(least.label).short}” in {least.source}, {percent(least.recall)} of "
            f"{least.n:,} faces ({format_interval(least.interval)})."
        )
    with st.expander("Recall by source and class", icon=":material/table:"):
        chart.table(
            pd.DataFrame(rows),
            sentence,
            key="report source table",
            column_config=dict.fromkeys(("Recall", "95% from", "95% to"), chart.PERCENT),
        )
