"""Live video by WebRTC (streamlit-webrtc): the server sends the picture back with the answers on it.

Browser and server agree over the live socket (`ui.live_socket`), not by streamlit-webrtc's own element: that
one needs four runs of the script to start, and starts twice when the page is drawn anew meanwhile.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

import av
import streamlit as st
from aiortc import RTCConfiguration, RTCIceServer
from aiortc.contrib.media import MediaRelay
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from streamlit_webrtc import WebRtcMode, WebRtcWorker

from core.errors import SettingsError
from core.results import Frame
from ui.live_viewer import MAX_PIXELS, Viewer

log = logging.getLogger(__name__)

ICE_VARIABLE = "MASKWISE_ICE_SERVERS"
_PATIENCE = 10.0  # seconds for an answer to an offer; asking a STUN server takes 5 at most


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
    given: Any = os.environ.get(ICE_VARIABLE) or None
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


class _NewestOnly(MediaRelay):
    """Hands on the newest picture and queues none.

    With a queue, as streamlit-webrtc subscribes by default, latency grows for as long as the server is slower
    than the camera (measured: 0.9 s and rising, against 0.2 s and flat).
    """

    def subscribe(self, track: Any, buffered: bool = False) -> Any:
        return super().subscribe(track, buffered=False)


class Peer:
    """The server's end of one visitor's connection. `connect` and `stop` block: not for the event loop."""

    def __init__(self, viewer: Viewer, servers: Sequence[dict[str, Any]]) -> None:
        nothing = dict.fromkeys(
            (
                *("source_video_track", "source_audio_track", "sink_video_track", "sink_audio_track"),
                *("player_factory", "in_recorder_factory", "out_recorder_factory", "audio_frame_callback"),
                *("queued_video_frames_callback", "queued_audio_frames_callback", "on_video_ended"),
                *("on_audio_ended", "video_processor_factory", "audio_processor_factory"),
            )
        )
        self._worker: WebRtcWorker[Any, Any] = WebRtcWorker(
            mode=WebRtcMode.SENDRECV,
            rtc_configuration=RTCConfiguration([RTCIceServer(**server) for server in servers]),
            video_frame_callback=partial(_answer, viewer),
            async_processing=True,  # else the callback would hold up the whole server
            video_receiver_size=1,
            audio_receiver_size=1,
            sendback_video=True,
            sendback_audio=False,
            relay=_NewestOnly(),
            **nothing,
        )

    def connect(self, offer: str) -> str:
        """The answer to a browser's offer, both SDP. Raises what aiortc makes of a bad one."""
        return str(self._worker.process_offer(offer, "offer", timeout=_PATIENCE).sdp)

    def stop(self) -> None:
        self._worker.stop()
        gc.collect()  # of each video an event loop is left over, in a ring of objects, with three open files


def _answer(viewer: Viewer, picture: av.VideoFrame) -> av.VideoFrame:
    """Hand a picture to the analysis and return it at once, with the last answers on it. Never raises:
    streamlit-webrtc would end the video without a word.
    """
    try:
        came = time.monotonic()
        if picture.width * picture.height > MAX_PIXELS:
            viewer.fail("The camera's pictures are too large. Choose a smaller size.")
            return picture
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
