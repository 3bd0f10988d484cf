"""The direct way for live video: one picture at a time over a WebSocket of the app's own origin.

The browser sends a picture, waits for its answer, then sends the newest one: latency is bounded however slow
the analysis or the network. The route lies outside Streamlit's own checks, so it makes its own: the page's
origin, the visit's token, and the rate of messages (`ui.server.message_size` bounds their size). Who sends
pictures that can be read has a session slot; questions and offers neither take nor keep one.

To the server: "state" asks for an answer without a picture; a binary message is a header (`_HEADER`) and a
JPEG; {"offer": SDP} begins WebRTC, whose pictures come another way. Back comes `LiveSession.state` as JSON,
with `captured` of the picture that it answers, or `answer`, the SDP, "" where the offer is not accepted.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import struct
import time
from typing import Any
from weakref import WeakKeyDictionary

from anyio import CapacityLimiter, to_thread
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.errors import ImageError, SettingsError
from core.images import decode_here, too_many_parts
from core.results import Frame
from core.video import KEPT_FOR, MAX_PIXELS, SESSION_SLOTS, VIEWERS, LiveSession
from ui.live.limits import MAX_UNREADABLE, VisitLimits
from ui.live.reach import reach_of
from ui.server import is_trusted, served_at

log = logging.getLogger(__name__)

PROTOCOL = "maskwise.live.1"
PATH = "live-socket"
MAX_OFFER = 30_000  # characters; a browser with many addresses sends some 8,000
CALLS_PER_SLOT = 4  # WebRTC connections: only those with a slot send pictures for long
WATCH_EVERY = 1.0  # seconds between two checks of a WebRTC connection
SILENCE = 30.0  # seconds after which a browser that says nothing has gone
FULL, REPLACED, BAD_MESSAGE, TOO_FAST = 4003, 4001, 1003, 4008

# captured (ms, the browser's clock), last answer's latency (ms), frames since
_HEADER = struct.Struct("<dfI")
_JPEG, _SCAN = b"\xff\xd8\xff", b"\xff\xda"
_MAX_SCANS = 3  # browsers write 1; each more takes the time of a whole picture
_decoders: tuple[CapacityLimiter, CapacityLimiter] | None = None
_LIMITS: WeakKeyDictionary[LiveSession, VisitLimits] = WeakKeyDictionary()
_calls: set[_Calls] = set()  # that have a peer now, or are making one


def path() -> str:
    """The route's path, below the app's own base path."""
    return served_at(f"/{PATH}")


def routes() -> list[WebSocketRoute]:
    return [WebSocketRoute(path(), _serve)]


def is_same_origin(websocket: WebSocket) -> bool:
    """Whether a page that was served from here connects, or one that the app was told to trust.

    Unlike Streamlit's own socket this one is for browsers alone, which name an origin.
    """
    origin = websocket.headers.get("origin", "")
    return bool(origin) and is_trusted(origin, websocket.headers.get("host"))


def _viewer_of(websocket: WebSocket) -> LiveSession | None:
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
    limits = _LIMITS.setdefault(viewer, VisitLimits())
    viewer.open(websocket)
    limits.stop_waiting()
    calls = _Calls(viewer, websocket)
    first = True
    try:
        while viewer.is_open(websocket):
            async with asyncio.timeout(SILENCE) as limits.waiting:
                message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if not viewer.is_open(websocket):
                break
            if not limits.messages.spend(time.monotonic()):
                return await websocket.close(TOO_FAST)
            if not viewer.has_room():
                return await websocket.close(FULL)
            captured, answer = None, None
            if data := message.get("bytes"):
                if len(data) <= _HEADER.size:
                    return await websocket.close(BAD_MESSAGE)
                async with limits.turn:
                    captured, read = await to_thread.run_sync(
                        _answer_picture, viewer, data, limiter=_limiter(viewer)
                    )
                limits.unreadable = 0 if read else limits.unreadable + 1
                if limits.unreadable >= MAX_UNREADABLE:
                    return await websocket.close(BAD_MESSAGE)
                if not viewer.has_room():  # the last slot went to somebody else meanwhile
                    return await websocket.close(FULL)
            elif (text := message.get("text")) != "state":
                try:
                    offer = _read_offer(text)
                except (ValueError, RecursionError):
                    return await websocket.close(BAD_MESSAGE)
                answer = await calls.answer(offer) if limits.offers.spend(time.monotonic()) else ""
            state = {**viewer.state(), "captured": captured, "answer": answer}
            if first:
                state["history"], first = viewer.history(), False
            await websocket.send_text(json.dumps(state))
        await websocket.close(REPLACED)  # the visit has ended, or goes on by another connection
    except TimeoutError:
        if not viewer.is_open(websocket):
            await websocket.close(REPLACED)
    except WebSocketDisconnect:
        log.info("A live visitor has gone.")
    finally:
        viewer.pause(websocket)
        await calls.end()


def _read_offer(text: str | None) -> str:
    """Raises `ValueError`."""
    if text is None or len(text) > MAX_OFFER:
        raise ValueError
    said = json.loads(text)
    if not isinstance(said, dict) or not isinstance(said.get("offer"), str):
        raise ValueError
    return str(said["offer"])


class _Calls:
    """The WebRTC connection of one socket, if its page wants one: the newest alone."""

    def __init__(self, viewer: LiveSession, websocket: WebSocket) -> None:
        self._viewer, self._websocket = viewer, websocket
        self._peer: Any = None  # a Peer, whose module takes a second to import and is seldom wanted
        self._watch: asyncio.Task[None] | None = None

    async def answer(self, offer: str) -> str:
        """SDP, or "" where the visitor chose another way, or the offer is none that our page sends."""
        await self.end()
        if not self._viewer.webrtc or len(_calls) >= CALLS_PER_SLOT * SESSION_SLOTS.count:
            return ""
        _calls.add(self)
        self._peer, answer = await to_thread.run_sync(_call, self._viewer, offer, self._websocket)
        if self._peer is None:
            _calls.discard(self)
        else:
            self._watch = asyncio.create_task(self._end_when_still())
        return answer

    async def _end_when_still(self) -> None:
        """As soon as no picture has come for as long as a slot is kept, or none is wanted."""
        viewer = self._viewer
        while viewer.webrtc and viewer.is_open(self._websocket):
            if time.monotonic() - self._peer.latest_at > KEPT_FOR:
                break
            await asyncio.sleep(WATCH_EVERY)
        self._watch = None
        await self.end()

    async def end(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        peer, self._peer, self._watch = self._peer, None, None
        if peer is not None:
            await to_thread.run_sync(peer.stop)
            _calls.discard(self)


def _call(viewer: LiveSession, offer: str, websocket: WebSocket) -> tuple[Any, str]:
    """The server's end of a WebRTC connection and its answer, or None and ""."""
    from ui.live.webrtc import Peer

    peer = None
    try:
        peer = Peer(viewer, viewer.ice_servers, reach_of(websocket, viewer.ice_servers))
        return peer, peer.connect(offer)
    except SettingsError as problem:
        log.warning("%s", problem)
    except Exception as fault:  # whatever aiortc makes of a strange offer; the browser goes on without WebRTC
        log.warning("A WebRTC offer could not be answered (%s).", type(fault).__name__)
    if peer is not None:
        peer.stop()
    return None, ""


def _limiter(viewer: LiveSession) -> CapacityLimiter:
    """Threads that read and analyse: one for all who have no slot yet, so that they keep nobody else waiting.

    Made late, as they belong to the server's event loop.
    """
    global _decoders
    if _decoders is None:
        _decoders = CapacityLimiter(SESSION_SLOTS.count), CapacityLimiter(1)
    return _decoders[viewer not in SESSION_SLOTS]


def _answer_picture(viewer: LiveSession, message: bytes) -> tuple[float, bool]:
    """Analyse one picture. When it was captured, and whether it could be read; what is wrong with it is told
    in the viewer's state.
    """
    came = time.monotonic()
    captured, latency, frames = _HEADER.unpack_from(message)
    viewer.camera_frames(min(frames, 1000), came)
    if math.isfinite(latency):
        viewer.answered_after(latency)
    try:
        frame = read_live(message[_HEADER.size :])
    except ImageError as problem:
        viewer.fail(str(problem))
        return (captured if math.isfinite(captured) else 0.0), False
    if viewer.take_slot():
        viewer.analyse(frame, came, decode_ms=(time.monotonic() - came) * 1000)
    return (captured if math.isfinite(captured) else 0.0), True


def read_live(jpeg: bytes) -> Frame:
    """A picture as browsers build it, decoded at once: it never waits for, nor with, other visitors' photos.

    Raises `ImageError`.
    """
    if not jpeg.startswith(_JPEG):
        raise ImageError("A live picture is not a JPEG. Reload the page.")
    if jpeg.count(_SCAN) > _MAX_SCANS or too_many_parts(jpeg):
        raise ImageError("A live picture is not built as a browser builds it. Reload the page.")
    return Frame(decode_here(jpeg, "The live picture", MAX_PIXELS, None))
