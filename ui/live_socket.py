"""The direct way for live video: one picture at a time over a WebSocket of the app's own origin.

The browser sends a picture, waits for its answer, then sends the newest one: latency is bounded however slow
the analysis or the network. The route lies outside Streamlit's own checks, so it makes its own: the page's
origin, the visit's token, and the size and rate of messages.

To the server: "state" asks for an answer without a picture; a binary message is a header (`_HEADER`) and a
JPEG; {"offer": SDP} begins WebRTC, whose pictures come another way. Back comes `Viewer.state` as JSON, with
`captured` of the picture that it answers, or `answer`, the SDP.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import struct
import time
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import streamlit as st
from anyio import CapacityLimiter, to_thread
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.errors import ImageError
from core.images import read_image
from ui.live_seats import SEATS
from ui.live_viewer import MAX_PIXELS, VIEWERS, Viewer

log = logging.getLogger(__name__)

PROTOCOL = "maskwise.live.1"
PATH = "live-socket"
MAX_BYTES = 1_000_000  # a JPEG of 1280 x 720 is some 200 kB
MAX_OFFER = 100_000  # characters; a browser with many addresses sends some 5,000
MAX_RATE = 90.0  # messages a second: a camera's 60 pictures and some questions
BURST = 90.0  # messages that may come at once after a pause
SILENCE = 30.0  # seconds after which a browser that says nothing has gone
FULL, REPLACED, BAD_MESSAGE, TOO_FAST, TOO_BIG = 4003, 4001, 1003, 4008, 1009

# captured (ms, the browser's clock), last answer's latency (ms), frames since
_HEADER = struct.Struct("<dfI")
_JPEG = b"\xff\xd8\xff"
_decoders: CapacityLimiter | None = None
_TURNS: WeakKeyDictionary[Viewer, asyncio.Lock] = WeakKeyDictionary()


def path() -> str:
    """The route's path, below the app's own base path."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/{PATH}" if base else f"/{PATH}"


def routes() -> list[WebSocketRoute]:
    return [WebSocketRoute(path(), _serve)]


def is_same_origin(websocket: WebSocket) -> bool:
    """Whether the page that connects was served from here, or by somebody the app was told to trust."""
    origin = websocket.headers.get("origin")
    if not origin:
        return False
    trusted = st.get_option("server.corsAllowedOrigins") or ()
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return host == websocket.headers.get("host") or origin in trusted


def _viewer_of(websocket: WebSocket) -> Viewer | None:
    """The visit whose token is offered as a subprotocol: not in the address, which proxies write down."""
    offered = websocket.scope.get("subprotocols", [])
    if len(offered) != 2 or offered[0] != PROTOCOL:
        return None
    return VIEWERS.get(offered[1])


async def _serve(websocket: WebSocket) -> None:
    viewer = _viewer_of(websocket)
    if viewer is None or not is_same_origin(websocket):
        await websocket.close()  # before it is accepted: the browser is told 403
        return
    await websocket.accept(subprotocol=PROTOCOL)
    viewer.open(websocket)
    allowance, first = _Allowance(), True
    peer: Any = None  # a Peer, whose module takes a second to import and is seldom wanted
    try:
        while True:
            async with asyncio.timeout(SILENCE):
                message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if not viewer.is_open(websocket):  # the visit has ended, or goes on by another connection
                return await websocket.close(REPLACED)
            if not allowance.spend(time.monotonic()):
                return await websocket.close(TOO_FAST)
            if not SEATS.take(viewer):
                return await websocket.close(FULL)
            captured, answer = None, None
            if data := message.get("bytes"):
                if len(data) > MAX_BYTES:
                    return await websocket.close(TOO_BIG)
                if len(data) <= _HEADER.size:
                    return await websocket.close(BAD_MESSAGE)
                # Else one visitor with many connections could take all threads
                async with _TURNS.setdefault(viewer, asyncio.Lock()):
                    captured = await to_thread.run_sync(_answer, viewer, data, limiter=_limiter())
            elif (text := message.get("text")) != "state":
                try:
                    offer = _read_offer(text)
                except (ValueError, RecursionError):
                    return await websocket.close(BAD_MESSAGE)
                peer, answer = await to_thread.run_sync(_call, viewer, offer, peer)
            state = {**viewer.state(), "captured": captured, "answer": answer}
            if first:
                state["history"], first = viewer.history(), False
            await websocket.send_text(json.dumps(state))
    except (TimeoutError, WebSocketDisconnect):
        log.info("A live visitor has gone.")
    finally:
        viewer.pause(websocket)
        if peer is not None:
            await to_thread.run_sync(peer.stop)


def _read_offer(text: str | None) -> str:
    """Raises `ValueError`."""
    if text is None or len(text) > MAX_OFFER:
        raise ValueError
    said = json.loads(text)
    if not isinstance(said, dict) or not isinstance(said.get("offer"), str):
        raise ValueError
    return str(said["offer"])


def _call(viewer: Viewer, offer: str, before: Any) -> tuple[Any, str | None]:
    """The server's end of a WebRTC connection and its answer, in place of the one `before`."""
    from ui.live_webrtc import Peer

    if before is not None:
        before.stop()
    peer = Peer(viewer, viewer.ice_servers)
    try:
        return peer, peer.connect(offer)
    except Exception:  # whatever aiortc makes of a strange offer; the browser goes on without WebRTC
        log.exception("a WebRTC offer could not be answered")
        peer.stop()
        return None, None


def _limiter() -> CapacityLimiter:
    """Threads that analyse. Made late, as it belongs to the server's event loop."""
    global _decoders
    if _decoders is None:
        _decoders = CapacityLimiter(SEATS.count)
    return _decoders


def _answer(viewer: Viewer, message: bytes) -> float:
    """Analyse one picture. What is wrong with it is told in the viewer's state."""
    came = time.monotonic()
    captured, latency, frames = _HEADER.unpack_from(message)
    viewer.camera_frames(min(frames, 1000), came)
    if math.isfinite(latency):
        viewer.answered_after(latency)
    try:
        if not message.startswith(_JPEG, _HEADER.size):
            raise ImageError("A live picture is not a JPEG. Reload the page.")
        frame = read_image(message[_HEADER.size :], "The live picture", max_pixels=MAX_PIXELS)
    except ImageError as problem:
        viewer.fail(str(problem))
    else:
        viewer.analyse(frame, came, decode_ms=(time.monotonic() - came) * 1000)
    return captured if math.isfinite(captured) else 0.0


class _Allowance:
    """A token bucket: `MAX_RATE` messages a second, `BURST` at once."""

    def __init__(self) -> None:
        self._left, self._last = BURST, time.monotonic()

    def spend(self, now: float) -> bool:
        self._left = min(BURST, self._left + (now - self._last) * MAX_RATE) - 1
        self._last = now
        return self._left >= 0
