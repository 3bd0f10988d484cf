"""What can be taken along from the live page."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from core.exports import events_to_csv
from core.video import LiveSession
from ui.controls import download
from ui.server import for_visit


def offer(viewer: LiveSession, *, playing: bool) -> None:
    """A picture of now, the log of the session, and a fresh start. Each is made when it is asked for."""
    with st.container(horizontal=True):
        download(
            "Snapshot",
            for_visit(lambda: viewer.snapshot() or b""),
            f"maskwise-{datetime.now():%Y-%m-%d-%H%M%S}.jpg",
            "image/jpeg",
            key="snapshot",
            icon=":material/photo_camera:",
            disabled=not playing,
        )
        log = for_visit(lambda: events_to_csv(viewer.events()))
        ended = not playing and bool(viewer.events())
        download(
            "Session log (CSV)",
            log,
            "maskwise-session.csv",
            "text/csv",
            key="session_log",
            type="primary" if ended else "secondary",
        )
        st.button(
            "Reset counts", icon=":material/restart_alt:", on_click=viewer.start_again, key="start_again"
        )
    if ended:
        st.info(
            "The video has stopped. Its log is kept until this tab is closed: save it now.",
            icon=":material/save:",
        )
    st.caption(
        "The log holds the answers of each person and the alerts, with their times. It holds no pictures."
    )
