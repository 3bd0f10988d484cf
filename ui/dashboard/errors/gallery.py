"""The faces behind a cell of the confusion matrix: pictures where this machine has them, else a table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core import settings
from core.errors import ImageError, RecordError
from core.labels import appearance
from core.runs import FaceFolder, Predictions
from ui import chart
from ui.controls import ask_page
from ui.dashboard.errors import corrections
from ui.dashboard.selection import PickedFace, Tested, pick, picture_folder
from ui.wording import plain

PAGE_SIZE = 12
MAX_ROWS = 1_000  # of the table, and of its CSV
_WIDTH = 168  # pixels of a card: two beside each other on a phone


def ask_folder(tested: Tested) -> FaceFolder | None:
    """The pictures of an evaluation, or None; says how to get them."""
    found = picture_folder.ask_folder(
        "Folder of the faces",
        settings.FACES,
        picture_folder.faces_in,
        key="mistakes folder",
        placeholder="Where --faces put them, on this machine",
        how="Whoever has the data can see them here: "
        "`python -m training.evaluate MODEL --data DATA --faces FOLDER`, then name FOLDER above.",
    )
    if found is None:
        return None
    try:
        found.require(tested.evaluation)
    except RecordError as problem:  # no fault: another run was chosen
        st.warning(plain(str(problem)), icon=":material/hide_image:")
        return None
    return found


def show(tested: Tested, predictions: Predictions, rows: np.ndarray, folder: FaceFolder | None) -> None:
    """The faces of `rows`, in that order."""
    if folder is None:
        _table(predictions, rows)
        return
    page = ask_page(len(rows), PAGE_SIZE, f"mistakes page from {rows[0]}")
    with st.container(horizontal=True, gap="small"):
        for row in rows[page]:
            with st.container(border=True, width=_WIDTH, gap="small"):
                _card(tested, predictions, int(row), folder)


def _card(tested: Tested, predictions: Predictions, row: int, folder: FaceFolder) -> None:
    face_id = str(predictions.id[row])
    true = predictions.labels[predictions.true[row]]
    named = predictions.labels[predictions.predicted[row]]
    try:
        rgb = folder.picture(face_id).rgb
    except ImageError as problem:
        st.warning(plain(str(problem)), icon=":material/broken_image:")
        return
    st.image(
        rgb,
        width="stretch",
        alt=f"Face {face_id}: {appearance(true).short}, named {appearance(named).short}",
    )
    order = np.argsort(-predictions.probabilities[row], kind="stable")[:3]
    probabilities = [
        f"{plain(appearance(predictions.labels[u]).short)} {predictions.probabilities[row, u]:.1%}"
        for u in order
    ]
    st.caption(
        f"**{plain(face_id)}** · true: {plain(appearance(true).short)}  \n" + "  \n".join(probabilities)
    )
    title = f"Face {face_id} of {tested.title}, named {appearance(named).short}"
    st.button(
        "Explain",
        key=f"mistakes explain {face_id}",
        icon=":material/psychology:",
        on_click=_explain,
        args=(PickedFace(rgb, title, true),),
        width="stretch",
    )
    corrections.ask_label(folder, folder.faces[face_id])


def _explain(face: PickedFace) -> None:
    pick(face)
    st.session_state["view"] = "explain"


def _table(predictions: Predictions, rows: np.ndarray) -> None:
    shown = rows[:MAX_ROWS]
    names = [appearance(label).short for label in predictions.labels]
    if len(set(names)) < len(names):
        names = list(predictions.labels)
    said = predictions.predicted[rows[0]], predictions.true[rows[0]]  # the cell's two labels come first
    class_indices = [*dict.fromkeys(map(int, said)), *(i for i in range(len(names)) if i not in said)]
    probabilities = {f"Probability of {names[i]}": predictions.probabilities[shown, i] for i in class_indices}
    data = pd.DataFrame(
        {
            "Source": predictions.source[shown],
            "Face": predictions.id[shown],
            **probabilities,
            "Face height (px)": predictions.face_px[shown],
            "Sharpness": predictions.sharpness[shown],
            "Brightness (0 to 255)": predictions.brightness[shown],
        }
    )
    sure = predictions.confidence[shown]
    cut = f", the first {MAX_ROWS:,} of {len(rows):,}" if len(rows) > MAX_ROWS else ""
    sentence = f"Faces of the cell{cut}. The model is {sure.min():.1%} to {sure.max():.1%} sure of them."
    chart.table(
        data,
        sentence,
        key="mistakes faces",
        file="faces of a cell",
        column_config=dict.fromkeys(probabilities, chart.PROBABILITY),
    )
