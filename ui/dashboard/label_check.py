"""Labels: have I labelled enough, and which labels look wrong? Many are corrected at once, by keyboard."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from core import settings
from core.errors import ImageError, RecordError
from core.files import is_there
from core.images import to_jpeg
from core.labels import appearance
from core.records import file_stamp
from core.runs import (
    LABEL_CHECK_FILE,
    NO_FACE,
    FaceFolder,
    LabelCheck,
    LabelFix,
    Run,
    Suspect,
    read_label_check,
    to_csv,
)
from ui import chart
from ui.controls import ask_page, download
from ui.dashboard.selection import choose, picture_folder
from ui.figures import learning_curve as figures
from ui.wording import one_line, plain

PAGE_SIZE = 25
FILE = "maskwise-fixes.csv"
_KEPT, _EDITION, _BASE = "label check fixes", "label check edition", "label check base"
_RIGHT = "Right label"

Fixes = dict[str, str]
"""The right label of suspects, by their id."""


def show(runs: Sequence[Run]) -> None:
    run = choose.run(runs)
    if not is_there(run.folder / LABEL_CHECK_FILE):
        st.info(
            f"The labels that {plain(run.name)} learned from were not checked yet. Whoever has the data and "
            "the run's checkpoints can do so, in minutes; add `--faces FOLDER` to see the faces here:",
            icon=":material/rule:",
        )
        folder = shlex.quote(f"runs/{run.folder.name}")  # untrusted, and may be pasted into a shell
        st.code(f"python -m training.label_check {folder} --data DATA", language="bash")
        return
    try:
        found = _read(run.folder, file_stamp(run.folder / LABEL_CHECK_FILE))
    except RecordError as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return
    _show_curve(found)
    _show_suspects(run, found)


@st.cache_resource(show_spinner=False, max_entries=20)
def _read(folder: Path, stamp: str) -> LabelCheck:
    """`stamp` is not read: it makes a record that changed another entry."""
    return read_label_check(folder)


def _show_curve(found: LabelCheck) -> None:
    if not found.curve:
        return
    last, said = found.curve[-1], []
    if gain := found.gain:
        points = [f"{100 * value:.1f}" for value in (gain.recall, gain.low, gain.high)]
        said.append(
            f"{gain.faces:,} more faces of the same kind would bring about {points[0]} points of mean recall "
            f"({points[1]} to {points[2]})."
        )
    said.append(
        f"Fractions of its {found.n:,} faces, whole groups at a time, each measured on other groups; after "
        f"{last.faces:,} faces {last.recall:.1%}. Only the last layer learns anew, so the whole network "
        "gains rather more. Faces unlike these teach more than this says."
    )
    chart.show(figures.figure(found), " ".join(said), figures.data(found), key="label check curve")


def _show_suspects(run: Run, found: LabelCheck) -> None:
    st.subheader("Labels that look wrong", anchor=False)
    st.caption(
        f"{found.disagree:,} of {found.n:,} faces are named otherwise by a network that did not learn from "
        "their group; the least likely labels first. The model may be wrong instead: look at each."
    )
    if not found.suspects:
        st.success("No label looks wrong.", icon=":material/check:")
        return
    folder = _ask_folder(found)
    page = found.suspects[ask_page(len(found.suspects), PAGE_SIZE, f"label check {run.name}")]
    fixes = _fixes(found)
    edition = f"label check {run.name} {page[0].id} {st.session_state.get(_EDITION, 0)}"
    if edition not in st.session_state:  # while it is edited its data stay: other data would be another one
        st.session_state[_BASE] = dict(fixes)
    st.data_editor(
        _table(page, st.session_state[_BASE], folder),
        column_config={
            "Face": st.column_config.ImageColumn(width="small"),
            "Label likely": chart.PERCENT,
            _RIGHT: st.column_config.SelectboxColumn(
                options=[*found.labels, NO_FACE],
                format_func=lambda label: _named(str(label)),
                help="By keyboard: arrows, Enter, the first letter. Copied and pasted, it fills many rows.",
            ),
        },
        disabled=["Face", "Where", "Source", "Label", "Label likely", "Suggested"],
        hide_index=True,
        row_height=72 if folder else None,
        key=edition,
        on_change=_on_edit,
        args=(edition, page, found),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Take what is suggested for these {len(page)}",
            key="label check take all",
            icon=":material/done_all:",
            on_click=_take_all,
            args=(page, found),
        )
        download(
            f"Corrections as CSV ({len(fixes)})",
            lambda: _csv(found, fixes),
            FILE,
            "text/csv",
            key="label check csv",
            disabled=not fixes,
        )
        st.button(
            "Remove all", key="label check remove", on_click=_remove_all, args=(found,), disabled=not fixes
        )
    st.caption(f"Kept until the end of this visit. Train with them: `--data DATA --fixes {FILE}`.")


def _ask_folder(found: LabelCheck) -> FaceFolder | None:
    """The faces as pictures, or None; says how to get them."""
    read = picture_folder.ask_folder(
        "Folder of the faces",
        settings.FACES,
        picture_folder.faces_in,
        key="label check folder",
        placeholder="Where --faces put them, on this machine",
        how="Run the check with `--faces FOLDER`, then name FOLDER above.",
    )
    if read is None:
        return None
    suspects = {one.id: one.place for one in found.suspects}
    if {id_: face.place for id_, face in read.faces.items()} != suspects:
        st.warning("That folder holds the faces of another check.", icon=":material/hide_image:")
        return None
    return read


def _table(page: Sequence[Suspect], fixes: Fixes, folder: FaceFolder | None) -> pd.DataFrame:
    data = pd.DataFrame(
        {
            "Where": [_where(one) for one in page],
            "Source": [one_line(one.source, 80) for one in page],
            "Label": [_named(one.label) for one in page],
            "Label likely": [one.probability for one in page],
            "Suggested": [_named(one.suggested) for one in page],
            _RIGHT: [fixes.get(one.id) for one in page],
        }
    )
    if folder:
        data.insert(0, "Face", [_picture(folder, one.id) for one in page])
    return data


def _picture(folder: FaceFolder, face_id: str) -> str | None:
    try:
        jpeg = to_jpeg(folder.picture(face_id).rgb)
    except ImageError:
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _named(label: str) -> str:
    return "No face, not usable" if label == NO_FACE else one_line(appearance(label).short, 80)


def _where(one: Suspect) -> str:
    path = one_line(one.path, 200)
    if one.row is not None:
        return f"{path}, row {one.row}"
    return path if one.box is None else f"{path}, box {', '.join(f'{v:g}' for v in one.box)}"


def _fixes(found: LabelCheck) -> Fixes:
    """Those of this check: another one has other faces by the same ids."""
    kept: dict[str, Fixes] = st.session_state.setdefault(_KEPT, {})
    return kept.setdefault(f"{found.run} {found.checked}", {})


def _on_edit(edition: str, page: Sequence[Suspect], found: LabelCheck) -> None:
    fixes = _fixes(found)
    for row, cells in st.session_state[edition].get("edited_rows", {}).items():
        if 0 <= int(row) < len(page) and _RIGHT in cells:
            _set(fixes, page[int(row)], cells[_RIGHT], found)


def _set(fixes: Fixes, one: Suspect, right: object, found: LabelCheck) -> None:
    if right in (*found.labels, NO_FACE) and right != one.label:
        fixes[one.id] = str(right)
    else:
        fixes.pop(one.id, None)


def _take_all(page: Sequence[Suspect], found: LabelCheck) -> None:
    for one in page:
        _fixes(found).setdefault(one.id, one.suggested)
    _start_again()


def _remove_all(found: LabelCheck) -> None:
    _fixes(found).clear()
    _start_again()


def _start_again() -> None:
    """Under a new key the editor is a new one, without the edits that were undone."""
    st.session_state[_EDITION] = st.session_state.get(_EDITION, 0) + 1


def _csv(found: LabelCheck, fixes: Fixes) -> bytes:
    return to_csv(LabelFix(one.place, one.label, fixes[one.id]) for one in found.suspects if one.id in fixes)
