"""Which messages of a browser reach Streamlit: those that Maskwise's pages send, and no others.

Streamlit does for whoever connects what its own page may ask for: it empties the caches of all visitors,
tells what git knows of the server's folder, writes files for coding agents beside the app. It has no switch
for any of that, so the messages are read on their way in.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.proto.BackMsg_pb2 import BackMsg

from ui.server.endpoints import STREAM, served_at

log = logging.getLogger(__name__)

MAX_NAMES = 1000  # files in one choice: each costs the server an address, made while nobody else is answered
MAX_WIDGETS = 1000  # the fullest page, a dashboard's, has some hundred
MAX_BESIDES = (
    100_000  # bytes of a run's address, time zone and the like, which a visit keeps; usual are some 300
)
RATE = 10.0  # messages a second that are handed on, each of which may start a run
BURST = 60.0  # messages that are handed on at once after a pause
DOWNLOADS = 2.0  # a second that are begun, each of which may draw all pictures of an album
DOWNLOADS_AT_ONCE = 10.0
TO_SPEAK = 30.0  # seconds to the first message, which a page sends at once
UNREADABLE, SILENT = 1002, 1008  # what a connection is closed with

_HASH = re.compile(r"[0-9a-f]{0,64}")  # what Streamlit names its pages and fragments by; some of it is logged


def _is_rerun(message: BackMsg) -> bool:
    state = message.rerun_script
    named = _HASH.fullmatch(state.fragment_id) and _HASH.fullmatch(state.page_script_hash)
    besides = state.ByteSize() - state.widget_states.ByteSize()
    return named is not None and len(state.widget_states.widgets) <= MAX_WIDGETS and besides <= MAX_BESIDES


def _is_download_or_rows(message: BackMsg) -> bool:
    """Not: writing files for coding agents beside the app, or anything that is still to be invented."""
    asked = message.backend_operation_request
    if asked.WhichOneof("payload") == "deferred_file":
        return _of_visit(asked.deferred_file.file_id) in (None, asked.session_id)
    return asked.WhichOneof("payload") == "dataframe_chunk"


def _of_visit(download: str) -> str | None:
    """Whose download it is. Streamlit makes it for whoever knows it, and checks whose visit asks."""
    if not runtime.exists():
        return None
    made = runtime.get_instance().media_file_mgr._deferred_callables.get(download)
    return made["session_id"] if made else None


# By kind: whether a message of it is one that a page of ours sends.
_ALLOWED: dict[str, Callable[[BackMsg], bool]] = {
    "rerun_script": _is_rerun,
    "stop_script": lambda _: True,
    "app_heartbeat": lambda _: True,
    "file_urls_request": lambda message: len(message.file_urls_request.file_names) <= MAX_NAMES,
    "backend_operation_request": _is_download_or_rows,
}


def is_allowed(message: BackMsg) -> bool:
    """Whether any visitor may send it. A kind that is not known, of a later Streamlit, is not."""
    check = _ALLOWED.get(message.WhichOneof("type") or "")
    return check is not None and check(message)


class AllowedMessages:
    """Middleware around Streamlit's WebSocket. What is refused gets no answer, and a line in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and scope["path"] == served_at(STREAM):
            connection = _Connection(scope, receive, send)
            await self._app(scope, connection.receive, connection.send)
        else:
            await self._app(scope, receive, send)


class _Connection:
    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._resumes = "".join(scope.get("subprotocols", [])[2:3])  # the visit, by Streamlit's convention
        self._spoke = False
        self._refused: set[str] = set()
        self._pace, self._downloads = Pace(RATE, BURST), Pace(DOWNLOADS, DOWNLOADS_AT_ONCE)
        self._closed = False

    async def receive(self) -> Message:
        while True:
            try:
                async with asyncio.timeout(None if self._spoke else TO_SPEAK):
                    message = await self._receive()
            except TimeoutError:
                if not _is_visit(self._resumes):
                    return await self._close(SILENT, "says nothing")
                self._spoke = True  # before: the page of a visit that goes on has nothing to say yet
                continue
            if message["type"] != "websocket.receive":
                return message
            self._spoke = True
            await self._pace.wait()
            try:
                read = BackMsg.FromString(message.get("bytes") or b"")
            except Exception:  # of protobuf, which is Streamlit's own affair
                return await self._close(UNREADABLE, "sends what cannot be read")
            if message.get("bytes") is None:  # a text, which no page of Streamlit sends
                return await self._close(UNREADABLE, "sends texts")
            kind = read.WhichOneof("type") or "of no known kind"
            if is_allowed(read):
                if kind == "backend_operation_request":
                    await self._downloads.wait()
                return message
            if kind not in self._refused:
                self._refused.add(kind)
                log.info("Refused a browser's message: %s.", kind)

    async def _close(self, code: int, why: str) -> MutableMapping[str, Any]:
        log.info("Closed a connection that %s.", why)
        self._closed = True
        await self._send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}

    async def send(self, message: Message) -> None:
        if self._closed:  # Streamlit may be about to answer what came before
            return
        try:
            await self._send(message)
        except OSError:  # the browser has gone, which Streamlit takes well only where it receives
            self._closed = True


def _is_visit(session: str) -> bool:
    return bool(session) and runtime.exists() and runtime.get_instance().is_active_session(session)


class Pace:
    """Lets `burst` pass at once and `rate` a second in the long run; whoever comes faster waits."""

    def __init__(self, rate: float, burst: float) -> None:
        self._step, self._slack = 1 / rate, burst / rate
        self._next = 0.0

    async def wait(self) -> None:
        now = time.monotonic()
        self._next = max(self._next, now - self._slack) + self._step
        if (early := self._next - now) > 0:
            await asyncio.sleep(early)
