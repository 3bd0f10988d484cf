"""A camera's scene that tests set, a viewer of it, and a server that he visits."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.sync.client import ClientConnection, connect

from core.decision import OperatingPoint
from core.models.installed import installed_models
from core.pipeline import Pipeline
from core.results import Box, Detection, Frame
from tests.ui.live_visits import WAIT
from ui.live import session
from ui.live import socket as live_socket
from ui.live.session import LiveSession, SessionSettings
from ui.live.session_slots import Seats
from ui.live.socket import PROTOCOL
from ui.server import message_size

MIDDLE: Box = (100.0, 60.0, 220.0, 180.0)


class Scene:
    """A detector and a classifier that see what the test says: `boxes`, and in each of them `label`."""

    name, operating_point, live_operating_point = "scene", 0.5, 0.5

    def __init__(self) -> None:
        self.card = installed_models()["mask3"]
        self.boxes: list[Box] = [MIDDLE]
        self.label = "with_mask"
        self.on_detect: Callable[[], object] = lambda: None
        self.pipeline = Pipeline(self, self)

    def detect(self, frame: Frame, min_score: float | None = None, *, longest_side: int | None = None):
        self.on_detect()
        return tuple(Detection(box, 0.9, self.name) for box in self.boxes)

    def predict(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        sure = np.full(len(self.card.label_set), 0.01)
        sure[self.card.label_set.index(self.label)] = 0.98
        return np.tile(sure, (len(crops), 1))


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def frame() -> Frame:
    """Noise, 320 x 240: neither dark nor blurred wherever a face is said to be."""
    return Frame(np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8))


@pytest.fixture
def viewer(scene: Scene) -> Iterator[LiveSession]:
    """A visitor whose camera is on and sees `scene`, without the mirror."""
    opened = LiveSession()
    opened.open("camera")
    opened.configure(SessionSettings(scene.pipeline, OperatingPoint(0.1), mirror=False))
    yield opened
    opened.close()


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
def seats(monkeypatch) -> Seats:
    only = Seats(1)
    monkeypatch.setattr(session, "SEATS", only)
    monkeypatch.setattr(live_socket, "SEATS", only)
    return only


@pytest.fixture
def visit(host: str, seats: Seats) -> Callable[..., ClientConnection]:
    """Connects as the page of `viewer` does; keywords change what is sent."""

    def connected(viewer: LiveSession, **changed) -> ClientConnection:
        wanted = {
            "origin": f"http://{host}",
            "subprotocols": [PROTOCOL, viewer.token],
            "proxy": None,
            "compression": None,
            **changed,
        }
        return connect(f"ws://{host}{live_socket.path()}", **wanted)

    return connected
