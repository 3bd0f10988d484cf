"""How much a browser may send in one WebSocket message, asked before any of it is read."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

from ui.server.headers import HEADERS
from ui.server.patches import declare

MAX_BYTES = 1_000_000  # a live JPEG of 1280 x 720 is some 200 kB; what a page's widgets say is less

_MODULE = "uvicorn.protocols.websockets.websockets_sansio_impl"
_CONNECTION = declare(
    "message-size",
    f"{_MODULE}:WebSocketsSansIOProtocol.__init__",
    "631dcd744eab",
    "Streamlit lets a browser send messages as large as its own answers, 200 MB",
)


def bound() -> None:
    """Have the server close (1009) a connection that announces more. Raises `RuntimeError`.

    It does so from a frame's header, counts the fragments of a message together, and compressed ones by what
    they unfold to. What the server sends is bounded by `server.maxMessageSize`. uvicorn's own setting is read
    before the app is, hence the patch.
    """
    before = _CONNECTION.found()

    def bounded(self: Any, *args: Any, **options: Any) -> None:
        before(self, *args, **options)
        self.conn.max_message_size = MAX_BYTES
        self.conn.reject = partial(_reject, self.conn.reject)

    importlib.import_module(_MODULE).WebSocketsSansIOProtocol.__init__ = bounded


def _reject(reject: Callable[[int, str], Any], status: int, text: str) -> Any:
    """What is no WebSocket is refused before the application is asked, which else sets the headers."""
    response = reject(status, text)
    response.headers.update(HEADERS | {"Cache-Control": "no-store"})
    return response
