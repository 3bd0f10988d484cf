"""Where the user has the pictures that a record names: runs hold none."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.settings import Setting
from ui.server import owner


def ask_folder(
    label: str, folder: Setting[Path | None], *, key: str, placeholder: str, how: str
) -> str | None:
    """The folder's name, by default the one that is set as `folder`.

    None without: then says on screen that only an owner may name one, or `how` to come by the pictures.
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
    if text.strip():
        return text
    st.info(f"Pictures are not shipped with runs. {how}", icon=":material/hide_image:")
    return None
