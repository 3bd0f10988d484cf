"""Figures beside the live video: people, how they wear their masks, and how fast the answers come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import plotly.graph_objects as go
import streamlit as st

from core.census import Second
from core.exports import events_to_csv
from core.labels import BLUE, GREY
from ui.live_viewer import Readout, Viewer

EVERY = 1.0  # seconds: people read no faster, and each reading costs the server some ms
_STAGES = {"decode": "decode", "detect": "find faces", "track": "follow", "classify": "judge"}


def show(viewer: Viewer, *, playing: bool) -> None:
    """The figures, fresh every second while the camera is on, and what can be downloaded."""
    st.fragment(_figures, run_every=EVERY if playing else None)(viewer, playing)
    with st.container(horizontal=True):
        st.download_button(
            "Snapshot",
            lambda: viewer.snapshot() or b"",
            file_name=f"maskwise-{datetime.now():%Y-%m-%d-%H%M%S}.jpg",
            mime="image/jpeg",
            icon=":material/photo_camera:",
            disabled=not playing,
            on_click="ignore",
            key="snapshot",
        )
        st.download_button(
            "Session log (CSV)",
            lambda: events_to_csv(viewer.events()),
            file_name="maskwise-session.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="session_log",
        )
        st.button("Count anew", icon=":material/restart_alt:", on_click=viewer.start_again, key="start_again")
    st.caption("The log holds time, id, label and confidence of each person's answers. It holds no pictures.")


def _figures(viewer: Viewer, playing: bool) -> None:
    readout = viewer.readout()
    count = readout.count
    with st.container(horizontal=True):
        st.metric("People now", count.now if playing else 0, width="content")
        st.metric("People so far", count.so_far, width="content")
        st.metric(
            "✓ Mask on",
            "–" if math.isnan(count.share) else f"{count.share:.0%}",
            delta=f"{count.properly} of {count.judged} judged" if count.judged else "nobody judged yet",
            delta_color="off",
            delta_arrow="off",
            width="content",
            help="Share of the people so far whose answer could be told.",
        )
    with st.container(horizontal=True):
        for name, rate in (("Camera", readout.camera_fps), ("Answered", readout.analysed_fps)):
            st.metric(name, f"{rate:.0f} fps" if playing else "–", width="content")
        st.metric("Latency", _ms(readout.latency_ms), width="content", help=_LATENCY)
        st.metric("Skipped", readout.skipped, width="content", help=_SKIPPED)
    if readout.ms:
        st.caption(_stages(readout))
    history = viewer.history()
    if len(history) > 1:
        st.plotly_chart(
            _chart(history), width="stretch", config={"displayModeBar": False}, key="people_chart"
        )
        st.caption(
            "People in view over the last five minutes at most. Where the lines meet, everybody wears "
            "their mask properly."
        )


_LATENCY = (
    "Direct: from the picture in your browser until its answer is drawn there. WebRTC: from the picture's "
    "arrival at this server until its answer; the way here and back comes on top. Median of 30 answers."
)
_SKIPPED = "Camera pictures that nobody waited for, because a newer one was there. The video shows them all."


def _ms(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.0f} ms"


def _stages(readout: Readout) -> str:
    """Milliseconds by stage, in words."""
    return " · ".join(f"{_STAGES[stage]} {ms:.1f} ms" for stage, ms in readout.ms.items())


def _chart(history: Sequence[Second]) -> go.Figure:
    times = [second.time for second in history]
    figure = go.Figure()
    for name, values, colour, dash in (
        ("in view", [second.now for second in history], GREY, "dot"),
        ("mask on", [second.properly for second in history], BLUE, "solid"),
    ):
        figure.add_scatter(
            x=times, y=values, name=name, mode="lines", line={"color": colour, "dash": dash, "shape": "hv"}
        )
    figure.update_layout(
        height=200,
        margin={"l": 0, "r": 0, "t": 10, "b": 0},
        legend={"orientation": "h", "y": 1.2},
        yaxis={"title": "people", "rangemode": "tozero", "tickformat": "d"},
    )
    return figure
