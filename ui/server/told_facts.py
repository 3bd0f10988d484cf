"""What each page is told of the server at the start of a run.

Streamlit's own version stays: an open tab loads itself anew when it changes.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession

from ui.server.patches import declare

_NEW_SESSION = declare(
    "nothing-told-of-the-server",
    "streamlit.runtime.app_session:AppSession._create_new_session_message",
    "c90cb1120c02",
    "Streamlit tells every visitor in which folder the app lies, on which system and which Python",
)


def install() -> None:
    """Raises `RuntimeError` where the installed Streamlit has changed."""
    create = _NEW_SESSION.found()

    def create_without_them(session: AppSession, *given: Any, **named: Any) -> ForwardMsg:
        message: ForwardMsg = create(session, *given, **named)
        told = message.new_session
        told.main_script_path = PurePath(told.main_script_path).name
        facts = told.initialize.environment_info
        facts.python_version = facts.server_os = ""
        return message

    AppSession._create_new_session_message = create_without_them  # type: ignore[method-assign, assignment]  # the patch
