"""Where the user has the pictures that a record names: runs hold none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import streamlit as st

from core.errors import RecordError
from core.records import file_stamp
from core.runs import FACES_FILE, FaceFolder, face_folder
from core.settings import Setting
from ui.server import owner
from ui.wording import plain

Read = TypeVar("Read")


def ask_folder(
    label: str,
    folder: Setting[Path | None],
    read: Callable[[str], Read],
    *,
    key: str,
    placeholder: str,
    how: str,
) -> Read | None:
    """What `read` finds in the folder that is named, by default the one that is set as `folder`.

    None without: then says on screen that only an owner may name one, `how` to come by the pictures, or what
    `read` raised as `RecordError`.
    """
    if not owner.is_owner():
        st.info(
            f"Pictures are not part of a run: a folder of them can be named here. {owner.REFUSED}",
            icon=":material/hide_image:",
        )
        return None
    text: str = st.text_input(
        label,
        str(folder.get() or ""),
        max_chars=4096,
        placeholder=placeholder,
        key=key,
        persist_state="page",
    )
    if not text.strip():
        st.info(f"Pictures are not shipped with runs. {how}", icon=":material/hide_image:")
        return None
    try:
        return read(text)
    except RecordError as problem:
        st.error(plain(str(problem)), icon=":material/broken_image:")
        return None


def faces_in(text: str) -> FaceFolder:
    """Of the folder that is called so. Raises `RecordError`."""
    folder = face_folder.located(text)
    return _read_face_folder(folder, file_stamp(folder / FACES_FILE))


@st.cache_resource(show_spinner="Reading the list of faces…", max_entries=20)
def _read_face_folder(folder: Path, stamp: str) -> FaceFolder:
    """`stamp` is not read: it makes a folder that changed another entry."""
    return face_folder.read_face_folder(folder)
