"""A server that the viewer of a camera's scene visits."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.sync.client import ClientConnection, connect

from core.video import session
from core.video.capacity import SessionSlots
from core.video.session import LiveSession
from tests.camera_scene import frame as frame
from tests.camera_scene import scene as scene
from tests.camera_scene import viewer as viewer
from tests.ui.live_visits import WAIT
from ui.live import socket as live_socket
from ui.live.socket import PROTOCOL
from ui.server import message_size


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """Address of a server with the live route alone."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=live_socket.routes()),
                ws="websockets-sansio",
                ws_per_message_deflate=True,  # as where the operator switches Streamlit's compression on
                lifespan="off",
                log_config=None,
            )
        )
        message_size.bound()
        live_socket._decoders = None  # belongs to a server's event loop
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(WAIT)
        live_socket._decoders = None


@pytest.fixture
def slots(monkeypatch: pytest.MonkeyPatch) -> SessionSlots:
    only = SessionSlots(1)
    monkeypatch.setattr(session, "SESSION_SLOTS", only)
    monkeypatch.setattr(live_socket, "SESSION_SLOTS", only)
    return only


@pytest.fixture
def visit(host: str, slots: SessionSlots) -> Callable[..., ClientConnection]:
    """Connects as the page of `viewer` does; keywords change what is sent."""

    def connected(viewer: LiveSession, **changed: Any) -> ClientConnection:
        wanted = {
            "origin": f"http://{host}",
            "subprotocols": [PROTOCOL, viewer.token],
            "proxy": None,
            "compression": None,
            "legacy": True,
            **changed,
        }
        return cast(ClientConnection, connect(f"ws://{host}{live_socket.path()}", **wanted))

    return connected
