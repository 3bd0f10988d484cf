"""How many connections the server has at once, and how long each of them may say nothing.

A connection that asks nothing costs its opener nothing and the server a file, of which it has a limited
number. So whoever connects has to ask, to go on sending and to go on reading. Where connections become too
many, those go first that have waited longest to be asked something, and what is asked is answered.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import resource
import socket
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import uvicorn.server
from uvicorn.protocols.http.h11_impl import H11Protocol

from ui.server.headers import HEADERS
from ui.server.patches import declare

log = logging.getLogger(__name__)

FILES = 65_536  # open at once, where the system allows so many
FILES_A_VISIT = (
    8  # its connection, three of the event loop that Streamlit makes for its script, and as many free
)
MOST = 2000  # connections: more would need more memory than a small machine has
TO_ASK = 10.0  # seconds from a connection, or an answer, to the end of the next request's head
TO_SEND = 10.0  # seconds in which a request's body must bring `LEAST`
LEAST = 5000  # bytes: slower than any network on which somebody waits for a photo
TO_READ = 30.0  # seconds that an answer may lie unread
FULL = "The server has as many visitors as it can serve. Please try again in a minute."

_STARTUP = declare(
    "own-http-connections",
    "uvicorn.server:Server.startup",
    "2aa1d70a244b",
    "Streamlit starts uvicorn with no bound on connections, nor on how long one may be silent",
)
_H11 = declare(
    "silent-connections",
    "uvicorn.protocols.http.h11_impl:H11Protocol",
    "c2573d455fed",
    "uvicorn waits without end for a request that was begun, and for the first one",
)


def _plain(status: str, words: str, *more: str) -> bytes:
    """The last answer of a connection, without an application."""
    lines = [f"HTTP/1.1 {status}", "content-type: text/plain; charset=utf-8", *more]
    lines += [f"{name.lower()}: {value}" for name, value in HEADERS.items()]
    lines += ["cache-control: no-store", f"content-length: {len(words)}", "connection: close", "", words]
    return "\r\n".join(lines).encode("ascii")


_REFUSAL = _plain("503 Service Unavailable", FULL, "retry-after: 60")


def most() -> int:
    """Connections at once that this process has files for."""
    return min(MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // FILES_A_VISIT)


def prepare() -> None:
    """Raise the number of files that may be open, and have uvicorn take connections as this module does.

    Raises `RuntimeError`.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))

    start = _STARTUP.found()
    _H11.found()

    async def startup(self: uvicorn.server.Server, sockets: list[socket.socket] | None = None) -> None:
        self.config.http_protocol_class = HttpConnection
        loop = asyncio.get_running_loop()
        if self.config.ssl:  # a minute is Python's own patience with who connects and does not encrypt
            listen = partial(loop.create_server, ssl_handshake_timeout=TO_ASK)
            loop.create_server = listen  # type: ignore[method-assign]  # the one that uvicorn calls next
        await start(self, sockets)

    uvicorn.server.Server.startup = startup  # type: ignore[method-assign]  # the patch


class HttpConnection(H11Protocol):
    """A connection that must ask, send and read. As a WebSocket, it is kept alive by uvicorn's pings."""

    # Since when each has asked nothing, the longest first
    _waiting: ClassVar[dict[HttpConnection, float]] = {}
    # When each was looked at last, and what had come
    _sending: ClassVar[dict[HttpConnection, tuple[float, int]]] = {}
    _upgrades: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, deque[tuple[HttpConnection, Any]]]] = (
        WeakKeyDictionary()
    )
    _received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        _set_options(transport)
        if len(self.connections) > most() and not self._make_room():
            transport.write(_REFUSAL)
            transport.close()
        else:
            self._waiting[self] = time.monotonic()

    def _make_room(self) -> bool:
        longest = next(iter(self._waiting), None)
        if longest is not None:
            longest._end()
        return longest is not None

    def _end(self) -> None:
        self._forget()
        self.transport.abort()

    def _forget(self) -> None:
        self._waiting.pop(self, None)
        self._sending.pop(self, None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)

    def handle_events(self) -> None:
        super().handle_events()
        if self.cycle is None or self.cycle.response_complete:
            return
        self._waiting.pop(self, None)
        if not self.cycle.more_body:
            self._sending.pop(self, None)
        elif self not in self._sending:
            self._sending[self] = time.monotonic(), self._received

    def send_400_response(self, msg: str) -> None:
        """To what is no HTTP. Unlike uvicorn's it has the headers, and comes in no answer's middle."""
        if self.cycle is None or not self.cycle.response_started or self.cycle.response_complete:
            self.transport.write(_plain("400 Bad Request", msg))
        self.transport.close()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """One at a time: a new visit takes a millisecond or two, which others spend waiting."""
        self._forget()
        self.transport.pause_reading()
        turns = self._upgrades.setdefault(self.loop, deque())
        turns.append((self, event))
        if len(turns) == 1:
            self.loop.call_soon(self._upgrade_next, turns)

    @staticmethod
    def _upgrade_next(turns: deque[tuple[HttpConnection, Any]]) -> None:
        connection, event = turns.popleft()
        if turns:
            connection.loop.call_soon(connection._upgrade_next, turns)
        if connection.transport.is_closing():
            return
        connection.transport.resume_reading()
        try:
            H11Protocol.handle_websocket_upgrade(connection, event)
        except BaseException:
            connection.transport.abort()
            raise

    def on_response_complete(self) -> None:
        self._forget()
        if not self.transport.is_closing():
            self._waiting[self] = time.monotonic()
        super().on_response_complete()

    @classmethod
    def end_the_silent(cls) -> None:
        """End those that have asked nothing for too long, or send too slowly."""
        now = time.monotonic()
        for connection, since in tuple(cls._waiting.items()):
            if now - since < TO_ASK:
                break
            connection._end()
        for connection, (since, before) in tuple(cls._sending.items()):
            if now - since < TO_SEND:
                continue
            if (
                connection._received - before >= LEAST or connection.flow.read_paused
            ):  # or nobody reads it here
                cls._sending[connection] = now, connection._received
            else:
                connection._end()

    @classmethod
    def end_the_waiting(cls) -> None:
        """End all that have asked nothing."""
        for connection in tuple(cls._waiting):
            connection._end()


def _set_options(transport: asyncio.Transport) -> None:
    """Have the system send each part at once, and end a connection whose peer takes nothing more.

    An answer is two parts, head and body: the second would wait 40 ms until the first is confirmed.
    """
    connected = transport.get_extra_info("socket")
    if connected is None or connected.family == socket.AF_UNIX:
        return
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(TO_READ * 1000))


@asynccontextmanager
async def watched() -> AsyncIterator[None]:
    """While it is open, silent connections are ended, and a lack of files is met and told in one line."""
    loop = asyncio.get_running_loop()
    before = loop.get_exception_handler()
    loop.set_exception_handler(_Lack())
    sweeper = asyncio.create_task(_sweep())
    try:
        yield
    finally:
        sweeper.cancel()
        loop.set_exception_handler(before)


async def _sweep() -> None:
    while True:
        await asyncio.sleep(min(1.0, TO_ASK / 4))
        HttpConnection.end_the_silent()


class _Lack:
    """Of files, or of memory for connections. The event loop reports each connection that it cannot take."""

    PAUSE = 60.0  # seconds to the next line

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        problem = context.get("exception")
        if getattr(problem, "errno", None) not in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
            return loop.default_exception_handler(context)
        HttpConnection.end_the_waiting()
        if (now := time.monotonic()) >= self._next:
            self._next = now + self.PAUSE
            log.error("No more connections can be taken for now: %s. Silent ones were ended.", problem)
