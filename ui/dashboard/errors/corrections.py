"""Labels that the visitor found to be wrong: kept for the visit, given away as a CSV for training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.labels import appearance
from core.runs import NO_FACE, BoxKey, Face, FaceFolder, LabelFix, to_csv
from ui.controls import download

_KEPT, _EDITION = "label corrections", "label corrections edition"
FILE = "maskwise-fixes.csv"

Fixes = dict[BoxKey, LabelFix]


def ask_label(folder: FaceFolder, face: Face) -> None:
    """What is right for `face`, if its label is wrong."""
    key = f"mistakes right label {face.id}"
    fix = _fixes(folder).get(face.place)
    options = [label for label in folder.index.labels if label != face.label] + [NO_FACE]
    st.session_state[key] = fix.right_label if fix and fix.right_label in options else None
    st.selectbox(
        f"Right label of face {face.id}",
        options,
        index=None,
        format_func=named,
        placeholder="Wrong label?",
        key=key,
        on_change=_on_answer,
        args=(folder, face, key),
        label_visibility="collapsed",
    )


def named(label: str) -> str:
    return "No face, not usable" if label == NO_FACE else appearance(label).short


def show(folder: FaceFolder) -> None:
    """How many there are, each to be changed or removed, and the CSV."""
    fixes = _fixes(folder)
    if not fixes:
        return
    n = len(fixes)
    st.subheader(f"{n} label{'s' if n > 1 else ''} to correct", anchor=False)
    edition = f"mistakes corrections {st.session_state.get(_EDITION, 0)}"
    st.data_editor(
        pd.DataFrame(
            {
                "Face": [_where(place) for place in fixes],
                "Label in the data": [named(fix.label) for fix in fixes.values()],
                "Right label": [fix.right_label for fix in fixes.values()],
            }
        ),
        column_config={
            "Right label": st.column_config.SelectboxColumn(
                options=[*folder.index.labels, NO_FACE],
                required=True,
                format_func=lambda label: named(str(label)),
            )
        },
        disabled=["Face", "Label in the data"],
        num_rows="delete",
        hide_index=True,
        key=edition,
        on_change=_on_edit,
        args=(folder, edition),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        key = "mistakes corrections csv"
        download("Corrections as CSV", lambda: to_csv(fixes.values()), FILE, "text/csv", key=key)
        st.button("Remove all", key="mistakes corrections remove", on_click=fixes.clear)
    st.caption(
        f"Kept until the end of this visit. Train with them: `--data DATA --fixes {FILE}`, where DATA is "
        "what the faces were evaluated on."
    )


def edited(fixes: Mapping[BoxKey, LabelFix], change: Mapping[str, Any]) -> Fixes:
    """`fixes` after a change of the editor: rows by their number, as Streamlit gives them."""
    rows = list(fixes.items())
    for number, cells in change.get("edited_rows", {}).items():
        place, fix = rows[int(number)]
        rows[int(number)] = place, LabelFix(place, fix.label, cells.get("Right label") or fix.right_label)
    gone = set(change.get("deleted_rows", ()))
    return {
        place: fix
        for number, (place, fix) in enumerate(rows)
        if number not in gone and fix.right_label != fix.label
    }


def _fixes(folder: FaceFolder) -> Fixes:
    """Those of the data that `folder` is of; other data may use the same names."""
    kept: dict[str, Fixes] = st.session_state.setdefault(_KEPT, {})
    return kept.setdefault(folder.index.manifest_sha256, {})


def _on_answer(folder: FaceFolder, face: Face, key: str) -> None:
    if right := st.session_state[key]:
        _fixes(folder)[face.place] = LabelFix(face.place, face.label, right)
    else:
        _fixes(folder).pop(face.place, None)
    _start_again()


def _on_edit(folder: FaceFolder, key: str) -> None:
    fixes = _fixes(folder)
    changed = edited(fixes, st.session_state[key])
    fixes.clear()
    fixes.update(changed)
    _start_again()


def _start_again() -> None:
    """Under a new key the editor is a new one, whose row numbers are those of the table as it is now."""
    st.session_state[_EDITION] = st.session_state.get(_EDITION, 0) + 1


def _where(place: BoxKey) -> str:
    path, row, box = place
    if row is not None:
        return f"{path}, row {row}"
    return path if box is None else f"{path}, box {', '.join(f'{v:g}' for v in box)}"
