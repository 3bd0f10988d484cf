"""Live video by WebRTC (streamlit-webrtc): the server sends the picture back with the answers on it.

Browser and server agree over the live socket (`ui.live.socket`), not by streamlit-webrtc's own element: that
one needs four runs of the script to start, and starts twice when the page is drawn anew meanwhile.
"""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Sequence
from typing import Any

import av
import streamlit as st
from aiortc import RTCConfiguration, RTCIceServer
from aiortc.contrib.media import MediaRelay
from streamlit_webrtc import WebRtcMode, WebRtcWorker

from core import settings
from core.errors import SettingsError
from core.results import Frame
from core.video import MAX_PIXELS, LiveSession
from ui.live import sdp
from ui.live.limits import Allowance
from ui.live.reach import THIS_MACHINE, NetworkReach
from ui.live.vp8 import BoundedVp8Decoder
from ui.server import vp8

log = logging.getLogger(__name__)

MAX_PACKETS = 1000.0  # a second: four times what a browser sends of 1280 x 720
STUN_PATIENCE = 5  # seconds
_PATIENCE = 10.0  # seconds for an answer to an offer; asking a STUN server takes 5 at most


def ice_servers() -> list[dict[str, Any]]:
    """STUN and TURN servers from `[webrtc] ice_servers` of secrets.toml or $MASKWISE_ICE_SERVERS (JSON).

    None by default: nothing outside is asked unless somebody sets it. Raises `SettingsError`.
    """
    servers = settings.ICE_SERVERS.get()
    if servers is None:
        servers = _from_secrets() if _has_secrets() else ()
    return [server.model_dump(exclude_none=True) for server in servers]


def _from_secrets() -> tuple[settings.IceServer, ...]:
    try:
        given = st.secrets["webrtc"]["ice_servers"]
        return settings.ICE_SERVER_LIST.validate_python([dict(server) for server in given])
    except (ValueError, TypeError, KeyError):
        raise SettingsError(
            "The list of STUN and TURN servers in .streamlit/secrets.toml cannot be read, so WebRTC is not "
            "offered. Under [webrtc], as ice_servers, it lists what "
            f"{settings.ICE_SERVERS.name} takes: {settings.ICE_SERVERS.values}."
        ) from None


def _has_secrets() -> bool:
    return bool(st.secrets.load_if_toml_exists()) and "webrtc" in st.secrets


class _LatestOnly(MediaRelay):
    """Hands on the latest picture and queues none.

    With a queue, as streamlit-webrtc subscribes by default, latency grows for as long as the server is slower
    than the camera (measured: 0.9 s and rising, against 0.2 s and flat).
    """

    def subscribe(self, track: Any, buffered: bool = False) -> Any:
        return super().subscribe(track, buffered=False)


def confine(connection: Any, reach: NetworkReach) -> None:
    """Have an `aioice.Connection` use and answer the addresses within reach alone, and take no flood.

    It learns addresses of those who knock, too, and would knock back; with whom it finally speaks DTLS is one
    of them.
    """
    gather, knock, data = (
        connection.get_component_candidates,
        connection.request_received,
        connection.data_received,
    )
    packets = Allowance(MAX_PACKETS, MAX_PACKETS)

    def request_received(message: Any, addr: tuple[str, int], protocol: Any) -> None:
        if reach.includes(addr[0]):
            knock(message, addr, protocol)

    def data_received(packet: bytes, component: int) -> None:
        if packets.spend(time.monotonic()):
            data(packet, component)

    async def get_component_candidates(
        component: int, addresses: list[str], timeout: int = STUN_PATIENCE
    ) -> Any:
        return await gather(component, list(reach.own), timeout)

    connection.request_received = request_received
    connection.data_received = data_received
    connection.get_component_candidates = get_component_candidates


class Peer:
    """The server's end of one visitor's connection. `connect` and `stop` block: not for the event loop."""

    def __init__(
        self, viewer: LiveSession, servers: Sequence[dict[str, Any]], reach: NetworkReach = THIS_MACHINE
    ) -> None:
        vp8.use_decoder(BoundedVp8Decoder)
        self.latest_at = time.monotonic()  # of the pictures that came, or of the start
        self._viewer, self._reach = viewer, reach
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
            video_frame_callback=self._picture,
            async_processing=True,  # else the callback would hold up the whole server
            video_receiver_size=1,
            audio_receiver_size=1,
            sendback_video=True,
            sendback_audio=False,
            relay=_LatestOnly(),
            **nothing,
        )
        self._worker.pc.on("signalingstatechange", self._confine)

    def _confine(self) -> None:
        """Between the offer, when connections are made, and the answer, when they look for their way."""
        for transceiver in self._worker.pc.getTransceivers():
            confine(transceiver.receiver.transport.transport.iceGatherer._connection, self._reach)

    def connect(self, offer: str) -> str:
        """The answer to a browser's offer, both SDP. Raises `ValueError` of one that our page does not make,
        and what aiortc makes of a bad one.
        """
        wanted = sdp.screened(offer, self._reach)
        answer = self._worker.process_offer(wanted, "offer", timeout=_PATIENCE)
        return sdp.told(str(answer.sdp), self._reach)

    def _picture(self, picture: av.VideoFrame) -> av.VideoFrame:
        self.latest_at = time.monotonic()
        return _answer_frame(self._viewer, picture)

    def stop(self) -> None:
        self._worker.stop()
        gc.collect()  # of each video an event loop is left over, in a ring of objects, with three open files


def _answer_frame(viewer: LiveSession, picture: av.VideoFrame) -> av.VideoFrame:
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
