"""The visit's own viewer, and how it changes its way of transport."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.video import LiveSession
from ui.live.settings import DIRECT, WEBRTC
from ui.server import memory

_AUTOSTARTS, _NOTICE = "live_autostarts", "live_notice"


def viewer() -> LiveSession:
    """It lives and ends with the session, so two visitors never share one."""
    return _viewer_of_session()


def _end_of_visit(ended: LiveSession) -> None:
    ended.close()
    memory.give_back_soon()  # the connections are rings of objects, which nothing else frees for long


@st.cache_resource(scope="session", on_release=_end_of_visit, show_spinner=False)
def _viewer_of_session() -> LiveSession:
    return _new_session()


def _new_session() -> LiveSession:
    return LiveSession(on_pause=memory.give_back_soon)


def autostarts() -> int:
    """How often the page has asked the video to start by itself."""
    return int(st.session_state.get(_AUTOSTARTS, 0))


def give_up_webrtc() -> None:
    """WebRTC did not connect: go on directly, at once, and say so."""
    st.session_state.transport = DIRECT
    st.session_state[_AUTOSTARTS] = autostarts() + 1
    st.session_state[_NOTICE] = (
        "WebRTC could not connect (a firewall, or no STUN and TURN server is set), so the video now goes "
        "directly. Nothing is lost by that."
    )


def ice_servers(transport: str) -> list[dict[str, Any]]:
    """Of WebRTC, if that is the transport. Raises `SettingsError`."""
    if transport != WEBRTC:
        return []
    from ui.live import webrtc  # a second of imports, paid before Start can be pressed

    return webrtc.ice_servers()


def notice(transport: str) -> str | None:
    """Why the video goes another way than was chosen."""
    return st.session_state.get(_NOTICE) if transport == DIRECT else None
