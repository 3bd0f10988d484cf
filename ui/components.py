"""Components of our own: scripts of a folder as Streamlit takes them, and pictures that they show."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx

from ui.server import served_at

_MODULES = re.compile(r"^import .*\n|^export (?!default)", re.MULTILINE)


@st.cache_resource(show_spinner=False)
def component(name: str, folder: Path, html: str, *scripts: str) -> Any:
    """Of `folder` the scripts, the last of which exports it, and `<name>.css` if it is there, around `html`.

    One module of all, as Streamlit takes one: what names the files to each other is left out.
    """

    def mount(*, data: dict[str, Any], **rest: Any) -> Any:
        # Streamlit loads pandas, a third of a second, to look for tables in lists. JSON knows no tuples.
        return mounted(data={k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}, **rest)

    script = "\n".join((folder / f"{file}.js").read_text(encoding="utf-8") for file in scripts)
    css = sheet.read_text(encoding="utf-8") if (sheet := folder / f"{name}.css").exists() else None
    mounted = st.components.v2.component(f"maskwise_{name}", html=html, css=css, js=_MODULES.sub("", script))
    return mount


def on(key: str, event: str, act: Callable[[Any], None]) -> Callable[[], None]:
    """`act` with what a component's trigger says, which a browser may make up, before the script runs."""

    def called() -> None:
        state = st.session_state.get(key)
        if isinstance(state, dict) and (value := state.get(event)) is not None:
            act(value)

    return called


def picture_url(jpeg: bytes, place: str) -> str:
    """Where the browser finds a picture while this run of the script is the last. `place` is its own.

    Empty where no server runs.
    """
    context = get_script_run_ctx()
    if not runtime.exists() or context is None or not jpeg:
        return ""
    return served_at(runtime.get_instance().media_file_mgr.add(jpeg, "image/jpeg", place))
