"""Live video by WebRTC (streamlit-webrtc): the server sends the picture back with the answers on it."""

from __future__ import annotations

import json
import logging
import os
import time
from functools import partial
from typing import Any

import av
import streamlit as st
from aiortc.contrib.media import MediaRelay
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from streamlit_webrtc import WebRtcMode, webrtc_streamer

from core.errors import SettingsError
from core.results import Frame
from ui.live_component import Report
from ui.live_viewer import Viewer

log = logging.getLogger(__name__)

KEY = "webrtc"
_BOX = "webrtc_box"
ICE_VARIABLE = "MASKWISE_ICE_SERVERS"
_MAX_FPS = 30


class _IceServer(BaseModel):
    """One STUN or TURN server, as browsers name its fields."""

    model_config = ConfigDict(extra="forbid")
    urls: str | list[str]
    username: str | None = None
    credential: str | None = None


def ice_servers() -> list[dict[str, Any]]:
    """STUN and TURN servers from `[webrtc] ice_servers` of secrets.toml or $MASKWISE_ICE_SERVERS (JSON).

    None by default: nothing outside is asked unless somebody sets it. Raises `SettingsError`.
    """
    given: Any = os.environ.get(ICE_VARIABLE)
    try:
        if given is None:
            given = st.secrets["webrtc"]["ice_servers"] if _has_secrets() else []
        else:
            given = json.loads(given)
        servers = TypeAdapter(list[_IceServer]).validate_python([dict(server) for server in given])
    except (ValueError, TypeError, KeyError, ValidationError):
        raise SettingsError(
            f"The list of STUN and TURN servers cannot be read, so WebRTC is not offered. In {ICE_VARIABLE} "
            'it is JSON, like [{"urls": "turn:turn.example.org:3478", "username": "me", "credential": "…"}]; '
            "in .streamlit/secrets.toml the same under [webrtc], as ice_servers."
        ) from None
    return [server.model_dump(exclude_none=True) for server in servers]


def _has_secrets() -> bool:
    return bool(st.secrets.load_if_toml_exists()) and "webrtc" in st.secrets


def show(viewer: Viewer, report: Report) -> None:
    """The visitor's video with the answers on it. Raises `SettingsError`."""
    _never_queue()
    if (context := st.session_state.get(KEY)) is not None and hasattr(context, "_last_rendered_run_count"):
        # streamlit-webrtc takes a busy server's late count of runs for a page that was left, and stops.
        context._last_rendered_run_count = None
    with st.container(key=_BOX):
        if not report.playing:
            # Mounted before it is wanted, so that the first picture comes sooner, yet nothing is shown of it.
            st.html(f"<style>.st-key-{_BOX} {{position: absolute; opacity: 0; pointer-events: none}}</style>")
        _stream(viewer, report)


def _stream(viewer: Viewer, report: Report) -> None:
    width, height = report.width_height
    chosen = (
        {"facingMode": report.camera}
        if report.camera in ("user", "environment")
        else {"deviceId": {"exact": report.camera}}
    )
    webrtc_streamer(
        key=KEY,
        mode=WebRtcMode.SENDRECV,
        rtc_configuration={"iceServers": ice_servers()},
        media_stream_constraints={
            "video": {
                **chosen,
                "width": {"ideal": width},
                "height": {"ideal": height},
                "frameRate": {"ideal": _MAX_FPS},
            },
            "audio": False,
        },
        desired_playing_state=report.playing,
        video_frame_callback=partial(_answer, viewer),
        on_video_ended=viewer.pause,
        async_processing=True,
        sendback_audio=False,
        media_toggle_controls=False,
        video_html_attrs={"autoPlay": True, "controls": False, "muted": True, "style": {"width": "100%"}},
    )


def _answer(viewer: Viewer, picture: av.VideoFrame) -> av.VideoFrame:
    """Hand a picture to the analysis and return it at once, with the last answers on it. Never raises:
    streamlit-webrtc would end the video without a word.
    """
    try:
        came = time.monotonic()
        frame = Frame(picture.to_ndarray(format="rgb24"))
        viewer.offer(frame, came)
        return av.VideoFrame.from_ndarray(viewer.drawn(frame, came).rgb, format="rgb24")
    except Exception as fault:
        log.exception("a WebRTC picture of %d x %d could not be drawn", picture.width, picture.height)
        viewer.fail(
            f"A picture could not be drawn, by a fault of Maskwise ({type(fault).__name__}). "
            "The video goes on."
        )
        return picture


def _never_queue() -> None:
    """Have aiortc hand on the newest picture only.

    streamlit-webrtc subscribes with a queue without end: once the server is slower than the camera, latency
    grows for as long as the video runs (measured: 0.9 s and rising, against 0.2 s and flat).
    """
    if getattr(MediaRelay.subscribe, "newest_only", False):
        return
    subscribe = MediaRelay.subscribe

    def newest_only(self: MediaRelay, track: Any, buffered: bool = False) -> Any:
        return subscribe(self, track, False)

    newest_only.newest_only = True  # type: ignore[attr-defined]
    MediaRelay.subscribe = newest_only
