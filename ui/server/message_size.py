"""How much a browser may send in one WebSocket message, asked before any of it is read."""

from __future__ import annotations

from typing import Any

import streamlit.web.server.starlette.starlette_server as starlette_server

from ui.server.patches import declare

MAX_BYTES = 1_000_000  # a live JPEG of 1280 x 720 is some 200 kB, all that a page's widgets say less

_SETTINGS = declare(
    "message-size",
    "streamlit.web.server.starlette.starlette_server:_get_uvicorn_config_kwargs",
    "140267bb004c",
    "Streamlit lets a browser send messages as large as its own answers, 200 MB",
)


def bound() -> None:
    """Have the server close (1009) a connection that announces more. Raises `RuntimeError`.

    It does so from a frame's header, counts the fragments of a message together, and compressed ones by what
    they unfold to. What the server sends is bounded by `server.maxMessageSize`.
    """
    before = _SETTINGS.found()

    def settings() -> dict[str, Any]:
        return {**before(), "ws_max_size": MAX_BYTES}

    starlette_server._get_uvicorn_config_kwargs = settings
