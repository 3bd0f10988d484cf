"""The faces that a detector missed, and what it took for a face: pictures where this machine has them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from core import settings
from core.drawing import Marked, marked_crop
from core.errors import ImageError
from core.labels import appearance
from core.metrics import SIZE_EDGES
from core.review import misses
from core.runs import Detections, located, scene_picture
from ui import chart
from ui.controls import ask_page, choose_one
from ui.dashboard.selection import picture_folder
from ui.figures import Measured, height_words
from ui.wording import plain

PAGE_SIZE = 12
MAX_ROWS = 1_000  # of the table, and of its CSV
MISSED, FALSE = "Missed faces", "False faces"
_WIDTH = 168  # pixels of a card: two beside each other on a phone
_LEGEND = "Dashes: missed. Whole line: found. Corners alone: a detection that matches no label."


def show(one: Measured, score: float) -> None:
    """Of detections with at least `score`."""
    st.fragment(_draw)(one, score)  # turning a page must not draw the charts above again


def _draw(one: Measured, score: float) -> None:
    st.subheader("Missed and false faces", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        kind = choose_one("Show", [MISSED, FALSE], key="detection faces")
        bins = list(itertools.pairwise(SIZE_EDGES))
        size = st.selectbox(
            "Height", [-1, *range(len(bins))], key="detection faces height", persist_state="page", width=200,
            format_func=lambda i: "any" if i < 0 else height_words(*bins[i]),
        )  # fmt: skip
    low, high = (0.0, math.inf) if size < 0 else bins[size]
    rows = chosen(one.rows, kind, score).of_height(low, high)
    of = int((one.rows.of_height(low, high).labelled).sum())
    if kind == MISSED:
        said = f"{len(rows):,} of {of:,} faces are missed from score {score:g} on, the largest first."
    else:
        said = f"{len(rows):,} detections of score {score:g} and more match no label, the surest first."
    if not len(rows):
        st.info(f"{plain(said.partition(',')[0])}.", icon=":material/check_circle:")
        return
    folder = _ask_folder()
    if folder is None:
        _table(rows, said)
        return
    st.caption(plain(f"{said} {_LEGEND}"))
    page = ask_page(len(rows), PAGE_SIZE, f"detection faces page, {kind}, {one.name}, {size}")
    if len(rows) > 1 and (problem := _none_there(folder, rows.picture[page])):
        st.warning(
            f"None of these pictures is in that folder. {plain(problem)}", icon=":material/broken_image:"
        )
        _table(rows, said)
        return
    with st.container(horizontal=True, gap="small"):
        for row in range(len(rows))[page]:
            with st.container(border=True, width=_WIDTH, gap="small"):
                _card(one, rows, row, folder, score)


def _none_there(folder: Path, pictures: Iterable[str]) -> str:
    """What is wrong with the first, where all are: said once, and not on each card."""
    problems = []
    for picture in dict.fromkeys(map(str, pictures)):
        try:
            scene_picture(folder, picture)
        except ImageError as problem:
            problems.append(str(problem))
        else:
            return ""
    return problems[0] if problems else ""


def chosen(rows: Detections, kind: str, score: float) -> Detections:
    """Faces missed at `score`, the largest first, or false ones of at least that, the surest first."""
    if kind == MISSED:
        return misses(rows, score)
    wanted = np.flatnonzero(~rows.labelled & (rows.score >= score))
    return rows.only(wanted[np.argsort(-rows.score[wanted], kind="stable")])


def _ask_folder() -> Path | None:
    """Where the user has the pictures; None without, and says how to get them on screen."""
    return picture_folder.ask_folder(
        "Folder of the pictures",
        settings.SCENES,
        located,
        key="detection folder",
        placeholder="The one that the test's data is in, on this machine",
        how="Whoever has the data can see the faces here: name the folder in which the folders of the "
        "pictures are.",
    )


def _card(one: Measured, rows: Detections, row: int, folder: Path, score: float) -> None:
    picture, height = str(rows.picture[row]), rows.heights[row]
    words = _outcome(rows, row)
    try:
        frame = scene_picture(folder, picture)
        x1, y1, x2, y2 = map(float, rows.boxes[row])
        crop = marked_crop(frame, (x1, y1, x2, y2), marks(one.rows, rows.source[row], picture, score))
    except ImageError as problem:
        st.warning(plain(str(problem)), icon=":material/broken_image:")
    else:
        st.image(crop, width="stretch", alt=f"{words}, {height:.0f} pixels high, with its surroundings")
    label = f" · {plain(appearance(rows.label[row]).short[:40])}" if rows.label[row] else ""
    said = _said_score(rows.score[row], rows.label[row])
    st.caption(f"**{words}** · {height:.0f} px high{label}  \n{said}", help=plain(picture[:200]))


def marks(rows: Detections, source: str, picture: str, score: float) -> list[Marked]:
    """What became of every face and detection of a picture from `score` on."""
    there = rows.only((rows.source == source) & (rows.picture == picture))
    found = []
    for box, labelled, best in zip(there.boxes, there.labelled, there.score, strict=True):
        x1, y1, x2, y2 = map(float, box)
        if labelled:
            found.append(Marked((x1, y1, x2, y2), "found" if best >= score else "missed"))
        elif best >= score:
            found.append(Marked((x1, y1, x2, y2), "false"))
    return found


def _outcome(rows: Detections, row: int) -> str:
    return "Missed" if rows.label[row] else "Matches no label"


def _said_score(score: float, label: str) -> str:
    if math.isnan(score):
        return "no detection on it"
    return f"found only at score {score:.3f}" if label else f"score {score:.3f}"


def _table(rows: Detections, said: str) -> None:
    shown = rows.only(np.arange(min(len(rows), MAX_ROWS)))
    cut = f" The first {MAX_ROWS:,} are listed." if len(rows) > MAX_ROWS else ""
    data = pd.DataFrame(
        {
            "Source": shown.source,
            "Picture": shown.picture,
            "Label": [appearance(label).short if label else "none" for label in shown.label],
            "Height (px)": shown.heights,
            "Width (px)": shown.boxes[:, 2] - shown.boxes[:, 0],
            "Score": shown.score,
        }
    )
    config = {
        "Height (px)": st.column_config.NumberColumn(format="%.0f"),
        "Width (px)": st.column_config.NumberColumn(format="%.0f"),
        "Score": st.column_config.NumberColumn(format="%.3f", help="Of the detection on it, if any."),
    }
    chart.table(data, f"{said}{cut}", key="detection faces table", column_config=config, placeholder="none")
