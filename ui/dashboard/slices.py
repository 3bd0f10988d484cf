"""Slices: where a model fails, each label apart, by skin tone, view, roll, size and kind of mask."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.review import (
    ABOUT_SKIN_TONE,
    LEAST_OF_LABEL,
    ROLL,
    SKIN_TONE,
    UNKNOWN,
    VIEW,
    LabelSliceRates,
    by_dimension,
    worst_of_all,
    worst_words,
)
from core.runs import Evaluation, Run
from ui import chart
from ui.controls import select
from ui.dashboard.selection import AGAIN, choose
from ui.figures import label_slices as figures
from ui.wording import plain

_BY_POINTS = (SKIN_TONE, VIEW, ROLL)


def show(runs: Sequence[Run]) -> None:
    chosen = choose.tested(runs)
    if chosen is None:
        return
    evaluation = chosen.evaluation
    dimensions = by_dimension(evaluation)
    if not dimensions:
        st.info(f"This test was recorded without these slices. {AGAIN}", icon=":material/science:")
        return
    st.markdown(f"**{plain(worst_of_all(evaluation) or '')}.**")
    said = [
        f"Of slices with {LEAST_OF_LABEL} faces of a class and more. Of many, one is the worst by chance "
        "alone. Intervals take faces one by one (Wilson)."
    ]
    if evaluation.points_from and VIEW not in dimensions:
        said.append("View and roll could not be told: its detector's face points do not turn with a face.")
    st.caption(" ".join(said))
    dimension = select("Faces by", dimensions, key="slices by")
    slices = dimensions[dimension]
    data = figures.label_slice_data(slices)
    figure = figures.by_label_slice(dimension, slices)
    chart.show(figure, _sentence(evaluation, dimension, slices), data, key="slices chart")
    if dimension == SKIN_TONE:
        st.info(ABOUT_SKIN_TONE, icon=":material/light_mode:")
    with st.expander("As a table", icon=":material/table:"):
        chart.table(
            data,
            "“Cannot tell” is the share without an answer, for quality or a small lead; slices of fewer than "
            f"{LEAST_OF_LABEL} faces tell nothing.",
            key="slices table",
            column_config=dict.fromkeys(("Right", "95% from", "95% to", "Cannot tell"), chart.PERCENT),
        )


def _sentence(evaluation: Evaluation, dimension: str, slices: Sequence[LabelSliceRates]) -> str:
    """What to see in the chart."""
    said = [f"{worst_words(slices)}."]
    few = sum(s.right.n < LEAST_OF_LABEL for s in slices)
    if few:
        said.append(f"{few} of {len(slices)} marks are hollow: too few examples.")
    n, unknown = sum(s.right.n for s in slices), sum(s.right.n for s in slices if s.value == UNKNOWN)
    if unknown:
        said.append(f"For {unknown:,} of {n:,} faces it is unknown.")
    if dimension in _BY_POINTS and evaluation.points_from:
        said.append(f"By the face points of {evaluation.points_from}.")
    return " ".join(said)
