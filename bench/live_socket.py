"""The live page's own socket, without a browser: pictures out, answers in."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

FULL = 4003  # the code by which the server says that all places are taken
_PROTOCOL = "maskwise.live.1"
_HEADER = struct.Struct("<dfI")  # captured (ms), last latency (ms), camera frames since
_PATIENCE = 60.0  # seconds


class LiveSocket:
    """One visitor's. Raises `ConnectionClosed` once the server has ended it, whose code `closed_by` tells."""

    def __init__(self, url: str, path: str, token: str) -> None:
        self._socket: ClientConnection = connect(
            f"ws://{urlsplit(url).netloc}{path}",
            origin=Origin(url),
            subprotocols=[Subprotocol(_PROTOCOL), Subprotocol(token)],
            proxy=None,
            compression=None,
            open_timeout=_PATIENCE,
            legacy=True,
        )

    def show(self, jpeg: bytes) -> dict[str, Any]:
        """What the server says of one picture."""
        return self.say(_HEADER.pack(0.0, 0.0, 1) + jpeg)

    def say(self, message: str | bytes) -> dict[str, Any]:
        self._socket.send(message)
        answer: dict[str, Any] = json.loads(self._socket.recv(_PATIENCE))
        return answer

    def close(self) -> None:
        self._socket.close()

    def drop(self) -> None:
        """As a network that breaks."""
        self._socket.socket.shutdown(socket.SHUT_RDWR)


def closed_by(closed: ConnectionClosed) -> int | None:
    return closed.rcvd.code if closed.rcvd else None
