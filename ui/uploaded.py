"""Pictures out of Streamlit's widgets, which would keep them for as long as the visit lasts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext, get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile, UploadedFileRec

from core.images import MAX_BYTES
from ui.server import Uploads
from ui.wording import plain

PICTURE_MB = MAX_BYTES // 2**20  # the most that core reads: what is larger is refused before it is sent
_TAKEN = "uploads that a page has taken"


def take(file: UploadedFile) -> bytes:
    """The content of an upload or a snapshot, once: from then on whoever took it has it alone.

    The widget goes on showing the file, and gives it on without its content.
    """
    data = file.getvalue()
    if not data:
        return data
    file.seek(0)
    file.truncate()
    context = cast(ScriptRunContext, get_script_run_ctx())  # a file comes out of a script's widget
    files = cast(MemoryUploadedFileManager, context.uploaded_file_mgr)  # ours is one; tests have this itself
    files.add_file(context.session_id, UploadedFileRec(file.file_id, file.name, file.type, b""))
    return data


def not_taken(files: Iterable[UploadedFile | DeletedFile | None]) -> list[UploadedFile]:
    """Those that this was not asked of before: a browser tells once more of an uploader that has just gone.

    A file that nobody took in time is a `DeletedFile`.
    """
    taken: set[str] = st.session_state.setdefault(_TAKEN, set())
    new = [file for file in files if isinstance(file, UploadedFile) and file.file_id not in taken]
    taken.update(file.file_id for file in new)
    return new


def say_refused() -> None:
    """Why an upload was not taken, if one was not."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, Uploads):
        return
    if why := context.uploaded_file_mgr.refusal(context.session_id):
        st.warning(f"A file was not taken. {plain(why)}", icon=":material/block:")
