"""The server around a small app, in a process of its own, and visitors that are no browsers."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from bench.app_server import AppServer, served_app

WAIT = 10  # seconds
SMALL_APP = Path(__file__).parent / "small_app.py"


class Served:
    """A server of the small app, or of Maskwise."""

    def __init__(self, server: AppServer) -> None:
        self.server, self.host = server, urlsplit(server.url).netloc

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        """One request by itself; in a header's name `_` stands for `-`. The answer's body is its `data`."""
        connection = http.client.HTTPConnection(self.host, timeout=WAIT)
        try:
            connection.request(
                method, path, body, {name.replace("_", "-"): said for name, said in headers.items()}
            )
            answer = connection.getresponse()
            answer.data = answer.read()  # type: ignore[attr-defined]  # read while it can be
            return answer
        finally:
            connection.close()

    def log(self) -> str:
        return self.server.log()


class Visit:
    """A connection as Streamlit's page makes one."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, **kinds: Any) -> None:
        self.connection.send(BackMsg(**kinds).SerializeToString())

    def said_before(self) -> list[ForwardMsg]:
        """What the server says until it has dealt with all that was sent: it answers in order."""
        self.send(app_heartbeat=True)
        return self.until("heartbeat_ack")[:-1]

    def until(self, kind: str) -> list[ForwardMsg]:
        """Everything that comes, to the first of `kind`."""
        came: list[ForwardMsg] = []
        while not came or came[-1].WhichOneof("type") != kind:
            came.append(ForwardMsg.FromString(self.connection.recv(WAIT, decode=False)))
        return came

    def run(self) -> str:
        """Have the script run, and read the first text that it shows."""
        self.send(rerun_script={})
        came = self.until("script_finished")
        return next(m.delta.new_element.text.body for m in came if m.delta.new_element.text.body)


def connect_to(server: Served, path: str = "/_stcore/stream", **options: Any) -> ClientConnection:
    """As Streamlit's page does; `options` go to `connect`."""
    wanted = {"origin": f"http://{server.host}", "subprotocols": ["streamlit"], **options}
    plain = {"proxy": None, "compression": None, "max_size": None, "legacy": True}
    return connect(f"ws://{server.host}{path}", **(plain | wanted))


@pytest.fixture(scope="package")
def small_server() -> Iterator[Served]:
    with served_app(("streamlit", "run", str(SMALL_APP))) as server:
        yield Served(server)


@pytest.fixture
def visit(small_server: Served) -> Iterator[Callable[..., Visit]]:
    """Connects to the small server; keywords go to `connect`."""
    with ExitStack() as visits:

        def come(path: str = "/_stcore/stream", **options: Any) -> Visit:
            return Visit(visits.enter_context(connect_to(small_server, path, **options)))

        yield come
