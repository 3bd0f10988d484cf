"""What a model takes for what: the confusion matrix of an evaluation, and the faces behind each cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from core.errors import MaskwiseError
from core.labels import appearance
from core.metrics import format_interval, percent, rate, wilson
from core.review import Cell, faces_of, most_frequent_error, table
from core.runs import Run
from ui import chart
from ui.controls import choose_one
from ui.dashboard.errors import corrections, gallery
from ui.dashboard.selection import Tested, choose
from ui.figures import confusion
from ui.wording import plain

COUNTS, RATES, ALL = "Counts", "Rates", "all sources"
_MATRIX, _TRUE, _NAMED = "confusion matrix", "mistakes true", "mistakes named"
_OF, _CLICKED = "mistakes of", "mistakes clicked"


def show(runs: Sequence[Run]) -> None:
    tested = choose.tested(runs)
    if tested is None:
        return
    try:
        _show(tested)
    except MaskwiseError as problem:
        st.error(plain(str(problem)))


def _show(tested: Tested) -> None:
    labels = tested.evaluation.labels.names
    matrix, faces = st.columns([5, 6], gap="medium")
    with matrix:
        source = _ask_source(tested)
        counts = table(tested.evaluation, source)
        _start_with_the_commonest(tested, counts)
        rates = choose_one("Cells show", [COUNTS, RATES], key="mistakes cells") == RATES
        place = st.container()  # the matrix stands above the boxes, whose cell it frames
        cell = _ask_cell(labels)
        with place:
            chart.show(
                confusion.figure(counts, labels, rates=rates, chosen=cell),
                sentence(counts, labels),
                cells(counts, labels),
                key=_MATRIX,
                on_select=_on_click,
            )
    with faces:
        _show_faces(tested, counts, cell, source)


def _ask_source(tested: Tested) -> str | None:
    sources = list(tested.evaluation.confusion)
    if len(sources) < 2:
        return None
    chosen = st.selectbox(
        "Faces of",
        range(-1, len(sources)),
        format_func=lambda i: ALL if i < 0 else sources[i],
        key=f"mistakes source of {len(sources)}",
        persist_state="page",
    )
    return None if chosen < 0 else sources[chosen]


def _start_with_the_commonest(tested: Tested, counts: np.ndarray) -> None:
    """Another evaluation opens with its own most frequent error; a click before it means nothing now."""
    of = (tested.run.folder, tested.name, tested.evaluation.labels.names)
    if st.session_state.get(_OF) == of:
        return
    st.session_state[_OF] = of
    st.session_state[_CLICKED] = None
    commonest = int(counts.diagonal().argmax())
    _open(most_frequent_error(counts) or (commonest, commonest))


def _open(cell: Cell) -> None:
    st.session_state[_TRUE], st.session_state[_NAMED] = cell


def _on_click() -> None:
    """Open the cell that was clicked. A second click on it takes Plotly's mark away, and still means it."""
    points = st.session_state[_MATRIX].selection.points
    if points:
        true, named = points[0]["customdata"][:2]
        st.session_state[_CLICKED] = int(true), int(named)
    if clicked := st.session_state.get(_CLICKED):
        _open(clicked)


def _ask_cell(labels: Sequence[str]) -> Cell:
    class_indices = range(len(labels))
    left, right = st.columns(2)

    def name(class_index: int) -> str:
        return appearance(labels[class_index]).short

    true = left.selectbox("True label", class_indices, format_func=name, key=_TRUE, persist_state="page")
    named = right.selectbox("Predicted as", class_indices, format_func=name, key=_NAMED, persist_state="page")
    return true, named


def _show_faces(tested: Tested, counts: np.ndarray, cell: Cell, source: str | None) -> None:
    true, named = (
        plain(appearance(tested.evaluation.labels.names[class_index]).short) for class_index in cell
    )
    count = int(counts[cell])
    faces = f"{count:,} face{'' if count == 1 else 's'}"
    right = cell[0] == cell[1]
    st.subheader(f"{faces}: “{true}” {'correct' if right else f'predicted as “{named}”'}", anchor=False)
    if not count:
        st.info("No face is in this cell. Choose another by a click, or by the boxes.")
        return
    predictions = tested.predictions()
    rows = faces_of(predictions, cell, source)
    st.caption("Least confident first." if right else "Most confident mistakes first.")
    if len(predictions) != tested.evaluation.n:
        st.warning(
            f"predictions.csv holds {len(predictions):,} faces, the evaluation counted "
            f"{tested.evaluation.n:,}. Evaluate again: "
            "`python -m training.evaluate MODEL --data DATA --record`"
        )
    elif len(rows) != count:
        st.caption(
            f"{len(rows):,} are listed: probabilities are kept with four digits, at which two may be even."
        )
    if len(rows):
        folder = gallery.ask_folder(tested)
        gallery.show(tested, predictions, rows, folder)
        if folder:
            corrections.show(folder)


def sentence(counts: np.ndarray, labels: Sequence[str]) -> str:
    """What to see in the matrix."""
    n, hits = int(counts.sum()), int(counts.trace())
    if not n:
        return "There are no faces."
    found = [f"{hits:,} of {n:,} faces are correct (blue): {percent(rate(hits, n))}."]
    if worst := most_frequent_error(counts):
        true, named = (appearance(labels[class_index]).short for class_index in worst)
        count, of = int(counts[worst]), int(counts[worst[0]].sum())
        found.append(
            f"The most frequent mistake: “{true}” predicted as “{named}”, {count:,} of {of:,} faces: "
            f"{percent(rate(count, of))} (95% interval {format_interval(wilson(count, of))})."
        )
    absent = [appearance(label).short for label, row in zip(labels, counts, strict=True) if not row.any()]
    if absent:
        found.append(f"No examples of {', '.join(absent)}.")
    return " ".join(found)


def cells(counts: np.ndarray, labels: Sequence[str]) -> pd.DataFrame:
    """The matrix as rows; proportions are of the true label, with Wilson's 95% interval."""
    names = list(labels)
    rows = []
    for (true, named), count in np.ndenumerate(counts):
        n = int(counts[true].sum())
        rows.append((names[true], names[named], int(count), n, rate(int(count), n), *wilson(int(count), n)))
    columns = ["true label", "named as", "faces", "faces of the true label", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns)
