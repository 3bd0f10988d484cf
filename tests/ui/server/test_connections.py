"""Connections that say nothing, send slowly, do not read, or are too many."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import http.client
import logging
import resource
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from streamlit.runtime.runtime_util import get_max_message_size_bytes, get_max_widget_state_size_bytes
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from bench.app_server import served_app
from tests.certificates import certificate
from tests.ui.server.conftest import SMALL_APP, Served, Visit, connect_to
from ui.server import connections, crowd
from ui.server.connections import FULL, HttpConnection, watched
from ui.server.crowd import TOO_MANY, Crowd, address_of
from ui.server.message_size import MAX_BYTES

pytestmark = pytest.mark.alone

ROOT = Path(__file__).parents[3]
SOON = 3.0  # seconds: what takes some tenths, on a busy machine
GET = b"GET /_stcore/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
SLOW_PUT = b"PUT /count HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"


async def _health(request: Request) -> Response:
    return PlainTextResponse("ok")


async def _count(request: Request) -> Response:
    if request.query_params:
        await asyncio.sleep(1)  # busy with somebody else
    return PlainTextResponse(str(len(await request.body())))


async def _large(request: Request) -> Response:
    return Response(bytes(50_000_000))


async def _live(websocket: WebSocket) -> None:
    await websocket.accept()
    with contextlib.suppress(Exception):
        while True:
            await websocket.receive_bytes()


@pytest.fixture
def server(monkeypatch) -> Iterator[uvicorn.Server]:
    """It loses patience in tenths of a second."""
    monkeypatch.setattr(connections, "TO_ASK", 0.4)
    monkeypatch.setattr(connections, "TO_SEND", 0.4)
    monkeypatch.setattr(connections, "TO_READ", 0.4)

    @contextlib.asynccontextmanager
    async def lifespan(app):
        async with watched():
            yield

    routes = [
        Route("/_stcore/health", _health),
        Route("/count", _count, methods=["PUT"]),
        Route("/large", _large),
        WebSocketRoute("/live", _live),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Crowd)], lifespan=lifespan)
    config = uvicorn.Config(app, http=HttpConnection, ws="websockets-sansio", log_config=None)
    with running(config) as server:
        yield server
    assert not HttpConnection._waiting and not HttpConnection._sending


@contextlib.contextmanager
def running(config: uvicorn.Config) -> Iterator[uvicorn.Server]:
    """A server in a thread."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        yield server
        server.should_exit = True
        thread.join(SOON)


@pytest.fixture
def host(server) -> tuple[str, int]:
    return server.servers[0].sockets[0].getsockname()


@pytest.fixture
def opened(host) -> Iterator[Callable[..., socket.socket]]:
    """A connection that has sent `data`."""
    with ExitStack() as all_opened:

        def come(data: bytes = b"") -> socket.socket:
            connection = all_opened.enter_context(socket.create_connection(host, timeout=SOON))
            connection.sendall(data)
            return connection

        yield come


def ask(host: tuple[str, int], method: str = "GET", path: str = "/_stcore/health") -> tuple[int, str]:
    connection = http.client.HTTPConnection(*host, timeout=SOON)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def answer_on(connection: socket.socket) -> bytes:
    with http.client.HTTPResponse(connection) as answer:
        answer.begin()
        return answer.read()


def is_ended(connection: socket.socket) -> bool:
    """Whether the server ends it, soon. What it says before is read."""
    try:
        while connection.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def drip(connection: socket.socket, data: bytes) -> bool:
    """Send one byte after the other, as long as that works."""
    start = time.monotonic()
    with contextlib.suppress(OSError):
        while time.monotonic() - start < SOON:
            connection.sendall(data)
            time.sleep(0.05)
        return False
    return True


# --- silence -------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: a"], ids=["nothing", "half a head"])
def test_who_does_not_ask_is_ended(begun, opened, host):
    assert is_ended(opened(begun))
    assert ask(host) == (200, "ok")


def test_who_connects_and_does_not_encrypt_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(connections, "TO_ASK", 0.4)
    monkeypatch.setattr(uvicorn.server.Server, "startup", uvicorn.server.Server.startup)
    connections.prepare()
    cert, key = certificate(tmp_path, "masks.test")
    app = Starlette(routes=[Route("/_stcore/health", _health)])
    with running(uvicorn.Config(app, log_config=None, ssl_certfile=cert, ssl_keyfile=key)) as server:
        host = server.servers[0].sockets[0].getsockname()
        with socket.create_connection(host, timeout=SOON) as silent:
            assert is_ended(silent)
        unchecked = ssl._create_unverified_context()  # noqa: S323 - the certificate is its own
        with contextlib.closing(http.client.HTTPSConnection(*host, context=unchecked)) as connection:
            connection.request("GET", "/_stcore/health")
            assert connection.getresponse().read() == b"ok"


def test_who_asks_byte_by_byte_is_ended(opened):
    connection = opened(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
    assert drip(connection, b"a")


def test_who_goes_on_byte_by_byte_after_an_answer_is_ended(opened):
    connection = opened(GET)
    assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    assert drip(connection, b"G")


def test_who_goes_on_asking_stays(host):
    with contextlib.closing(http.client.HTTPConnection(*host, timeout=SOON)) as connection:
        for _ in range(6):
            connection.request("GET", "/_stcore/health")
            assert connection.getresponse().read() == b"ok"
            assert connection.sock is not None  # the same all the time
            time.sleep(0.2)


def test_who_sends_too_slowly_is_ended(opened):
    assert drip(opened(SLOW_PUT), b"a")


def test_who_sends_fast_enough_may_take_long(opened, monkeypatch):
    monkeypatch.setattr(connections, "LEAST", 500)
    connection = opened(SLOW_PUT)
    for _ in range(10):
        connection.sendall(bytes(10_000))
        time.sleep(0.15)
    assert answer_on(connection).endswith(b"100000")


def test_who_waits_for_the_server_to_read_is_not_ended(opened):
    """A server that takes one photo after the other reads none of the others."""
    connection = opened(SLOW_PUT.replace(b"/count", b"/count?later"))
    connection.sendall(bytes(100_000))
    assert answer_on(connection).endswith(b"100000")


def test_the_parts_of_an_answer_do_not_wait_for_each_other(server, host, opened):
    """By Nagle's rule the body waits 40 ms until the browser has confirmed the head."""
    opened()
    assert ask(host)[0] == 200
    [taken, *_] = [connection.transport.get_extra_info("socket") for connection in HttpConnection._waiting]
    assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system ends no unread connections")
def test_who_does_not_read_the_answer_is_ended(server, host):
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(SOON)
        connection.connect(host)
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.1)
        assert server.server_state.connections
        deadline = time.monotonic() + 10  # the system looks at it ever more seldom
        while server.server_state.connections:
            assert time.monotonic() < deadline
            time.sleep(0.1)


# --- too many ------------------------------------------------------------------------------------


def test_those_that_wait_longest_make_room(opened, host, monkeypatch):
    monkeypatch.setattr(connections, "TO_ASK", 60)
    monkeypatch.setattr(connections, "most", lambda: 5)
    first, *others = [opened() for _ in range(5)]
    time.sleep(0.1)
    assert ask(host) == (200, "ok")
    assert is_ended(first)
    others[-1].sendall(GET)
    assert others[-1].recv(1000).startswith(b"HTTP/1.1 200")


def test_where_all_are_busy_the_next_is_told(opened, host, monkeypatch):
    monkeypatch.setattr(connections, "TO_SEND", 60)
    monkeypatch.setattr(connections, "most", lambda: 5)
    busy = [opened(SLOW_PUT) for _ in range(5)]
    time.sleep(0.1)
    assert ask(host) == (503, FULL)
    busy[0].close()
    time.sleep(0.1)
    assert ask(host) == (200, "ok")


def test_websockets_leave_room_for_what_is_short(host, monkeypatch):
    monkeypatch.setattr(connections, "most", lambda: 8)
    with ExitStack() as live:
        for _ in range(6):
            live.enter_context(connect(f"ws://127.0.0.1:{host[1]}/live", proxy=None))
        with pytest.raises(InvalidStatus) as refused, connect(f"ws://127.0.0.1:{host[1]}/live", proxy=None):
            pass
        assert refused.value.response.status_code == 503
        assert refused.value.response.body == FULL.encode()
        assert ask(host) == (200, "ok")


def test_an_address_has_a_bound_of_its_own(host, monkeypatch):
    monkeypatch.setattr(crowd, "AN_ADDRESS", 3)
    monkeypatch.setattr(
        crowd, "address_of", lambda scope: dict(scope["headers"]).get(b"x-from", b"").decode()
    )
    with ExitStack() as live:

        def come(address: str) -> None:
            there = f"ws://127.0.0.1:{host[1]}/live"
            live.enter_context(connect(there, proxy=None, additional_headers={"X-From": address}))

        for _ in range(3):
            come("192.168.1.5")
        with pytest.raises(InvalidStatus) as refused:
            come("192.168.1.5")
        assert refused.value.response.status_code == 503
        assert refused.value.response.body == TOO_MANY.encode()
        come("192.168.1.6")
        assert ask(host) == (200, "ok")


def test_whose_a_request_is():
    def of(client):
        return address_of({"client": client and (client, 1)})

    assert of("192.168.1.5") == of("::ffff:192.168.1.5") == "192.168.1.5"
    assert of("2001:db8::1") == of("2001:db8::ffff:2") != of("2001:db8:0:1::1")
    for local in ("127.0.0.1", "::1", "::ffff:127.0.0.1", None, "a socket"):
        assert of(local) is None


def test_who_begins_a_websocket_waits_for_those_before_and_others_do_not(host, monkeypatch):
    """A hundred that come at once, some of which have gone before it is their turn."""
    came = []
    begin = uvicorn.protocols.http.h11_impl.H11Protocol.handle_websocket_upgrade

    def slowly(connection, event):
        came.append(connection)
        time.sleep(0.02)
        begin(connection, event)

    monkeypatch.setattr(uvicorn.protocols.http.h11_impl.H11Protocol, "handle_websocket_upgrade", slowly)
    asked = UPGRADE.replace("/_stcore/stream", "/live").format(host="localhost").encode()
    with ExitStack() as live:
        for number in range(100):
            connection = live.enter_context(socket.create_connection(host, timeout=SOON))
            connection.sendall(asked)
            if number % 10 == 9:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
        assert ask(host) == (200, "ok")
        assert len(came) < 60  # of the two seconds that all of them take
        last = live.enter_context(socket.create_connection(host, timeout=2 * SOON))
        last.sendall(asked)
        assert last.recv(1000).startswith(b"HTTP/1.1 101")
    assert 90 <= len(came) <= 101


# --- files ---------------------------------------------------------------------------------------


def test_a_lack_of_files_is_told_once(caplog):
    async def flood() -> list[dict]:
        others: list[dict] = []
        loop = asyncio.get_running_loop()
        loop.default_exception_handler = others.append  # type: ignore[method-assign]  # of one loop
        async with watched():
            for _ in range(2000):
                loop.call_exception_handler({"exception": OSError(errno.EMFILE, "Too many open files")})
            loop.call_exception_handler({"message": "something else"})
        return others

    with caplog.at_level(logging.ERROR):
        assert asyncio.run(flood()) == [{"message": "something else"}]
    assert len(caplog.records) == 1 and "Too many open files" in caplog.text


LACKING = """
import resource, sys
import uvicorn
from ui.server import connections
from tests.ui.server.test_connections import _health
from starlette.applications import Starlette
from starlette.routing import Route
connections.prepare()
connections.most = lambda: 10_000
async def lifespan(app):
    async with connections.watched():
        resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))
        print("ready", flush=True)
        yield
import contextlib
app = Starlette(routes=[Route("/_stcore/health", _health)], lifespan=contextlib.asynccontextmanager(lifespan))
uvicorn.run(app, port=int(sys.argv[1]), http=connections.HttpConnection)
"""


def test_a_server_that_lacks_files_recovers_by_itself():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = free.getsockname()
    command = [sys.executable, "-W", "ignore", "-c", LACKING, str(host[1])]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as server:
        try:
            while b"startup complete" not in server.stdout.readline():
                assert server.poll() is None
            time.sleep(0.3)
            with ExitStack() as flood:
                for _ in range(100):
                    flood.enter_context(socket.create_connection(host, timeout=SOON))
                deadline = time.monotonic() + 20
                while True:
                    with contextlib.suppress(OSError):
                        if ask(host) == (200, "ok"):
                            break
                    assert time.monotonic() < deadline, "it did not recover"
        finally:
            time.sleep(1.1)  # the event loop looks again a second after each lack
            server.terminate()
            said = server.stdout.read().decode()
    assert said.count("No more connections can be taken") == 1
    assert "Traceback" not in said


# --- Maskwise's server ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def frugal_server() -> Iterator[Served]:
    """Started by somebody who may have 1,024 files open, as is usual, and more if he asks."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    try:
        with served_app(("streamlit", "run", str(SMALL_APP))) as server:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
            yield Served(server)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def slowest(server: Served, times: int = 20) -> float:
    """Seconds that its health took at most in 9 of 10 times: others use this machine, too."""
    took = []
    for _ in range(times):
        start = time.monotonic()
        assert server.ask("GET", "/_stcore/health").status == 200
        took.append(time.monotonic() - start)
        time.sleep(0.02)
    return sorted(took)[-1 - times // 10]


UPGRADE = (
    "GET /_stcore/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n"
)


def test_visits_that_come_and_go_leave_files_to_the_others(frugal_server):
    """Each keeps three open for two minutes, in case it comes back."""
    pid = frugal_server.server.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (400, before[1]))
    try:
        for _ in range(150):
            with connect_to(frugal_server) as connection:
                Visit(connection).said_before()
        assert slowest(frugal_server) < 0.3
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    assert "Too many open files" not in frugal_server.log()


@pytest.mark.parametrize(
    "said", ["", "GET /_stcore/health HT", UPGRADE], ids=["nothing", "half", "websockets"]
)
def test_health_is_told_throughout_1100_idle_connections(said, frugal_server):
    host, _, port = frugal_server.host.partition(":")
    with ExitStack() as idle:
        for _ in range(1100):
            connection = idle.enter_context(socket.create_connection((host, int(port)), timeout=SOON))
            connection.sendall(said.format(host=frugal_server.host).encode())
        assert slowest(frugal_server) < 0.3
    assert slowest(frugal_server) < 0.3
    assert "Traceback" not in frugal_server.log()


def test_who_answers_no_ping_is_ended(monkeypatch):
    """As where a phone has lost its network: nobody says that the connection is over."""
    monkeypatch.setenv("STREAMLIT_SERVER_WEBSOCKET_PING_INTERVAL", "1")
    with served_app(("streamlit", "run", str(SMALL_APP))) as server:
        served = Served(server)
        host, _, port = served.host.partition(":")
        with socket.create_connection((host, int(port)), timeout=SOON) as gone:
            gone.sendall(UPGRADE.format(host=served.host).encode())
            start = time.monotonic()
            assert is_ended(gone) and time.monotonic() - start < 10
        with connect_to(served) as answers:  # websockets answers pings by itself
            time.sleep(2.5)
            Visit(answers).said_before()


def test_health_is_told_while_all_threads_are_busy(visit, small_server):
    visitor = visit()
    visitor.send(rerun_script={})
    came = visitor.until("script_finished")
    session = next(m.new_session.initialize.session_id for m in came if m.WhichOneof("type") == "new_session")
    slow = [m.delta.new_element.download_button for m in came if m.delta.new_element.download_button.id][1]
    for number in range(10):
        wanted = {"request_id": str(number), "session_id": session}
        visitor.send(
            backend_operation_request={**wanted, "deferred_file": {"file_id": slow.deferred_file_id}}
        )
    assert slowest(small_server, 10) < 0.3


def test_no_page_of_maskwise_sends_a_megabyte_and_nobody_else_may(visit):
    """The head of a frame is enough to refuse it."""
    connection = visit().connection
    connection.socket.sendall(b"\x82\xff" + (1_000_001).to_bytes(8, "big") + b"mask")
    with pytest.raises(ConnectionClosed) as ending:  # noqa: PT012 - after what was under way
        while True:
            connection.recv(SOON)
    assert ending.value.rcvd.code == 1009


def test_messages_to_pages_have_a_bound_too():
    assert get_max_message_size_bytes() == 16_000_000
    assert get_max_widget_state_size_bytes() == MAX_BYTES == 1_000_000
