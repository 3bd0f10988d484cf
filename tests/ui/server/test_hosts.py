"""A server for its own machine answers to that machine's names alone."""

from __future__ import annotations

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from tests import asgi
from ui.server.hosts import MISDIRECTED, Hosts, is_loopback

LOOPBACK = (
    "localhost",
    "localhost:8501",
    "LOCALHOST.:80",
    "app.localhost",
    "127.0.0.1:1",
    "127.9.8.7",
    "[::1]:8501",
)
FOREIGN = (
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example:8501",
    "192.168.1.5",
    "0.0.0.0",
    "[::]",
)
BROKEN = (
    "",
    "localhost:port",
    "me@localhost",
    "localhost/path",
    "localhost?x",
    "[::1",
    "localhost:99999999",
    "::1]",
)


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


@pytest.fixture
def ask(monkeypatch):
    """Says what a request by `host` is answered, of a server with these settings."""

    def ask(host: str, address: str | None, allowed: tuple[str, ...] = ()) -> int:
        options = {"server.address": address, "server.allowedHosts": list(allowed)}
        monkeypatch.setattr(st, "get_option", options.get)
        routes = [Route("/", lambda request: PlainTextResponse("here")), WebSocketRoute("/live", socket)]
        app = Starlette(routes=routes, middleware=[Middleware(Hosts)])
        answer = asgi.ask(app, headers={"Host": host})
        assert (asgi.ask(app, "/live", scheme="ws", headers={"Host": host}).status == 101) == (
            answer.status == 200
        )
        if answer.status != 200:
            assert "--server.allowedHosts" in answer.text
        return answer.status

    return ask


@pytest.mark.parametrize("host", LOOPBACK)
def test_names_of_this_machine_are_answered(host, ask):
    assert ask(host, "localhost") == 200
    assert is_loopback(host)


@pytest.mark.parametrize("host", FOREIGN + BROKEN)
@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "::1"])
def test_other_names_are_refused_while_it_listens_to_itself(host, address, ask):
    assert ask(host, address) == MISDIRECTED


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.5", None, ""])
def test_a_server_for_others_answers_to_any_name_that_it_is_not_told_to_refuse(address, ask):
    assert ask("evil.example", address) == 200
    assert ask("evil.example", address, ("maskwise.example.org",)) == MISDIRECTED
    assert ask("Maskwise.Example.org.:443", address, ("maskwise.example.org",)) == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("a.example.org", 200),
        ("a.b.example.org", 200),
        ("example.org", MISDIRECTED),
        ("badexample.org", MISDIRECTED),
        ("localhost", MISDIRECTED),
        ("me@a.example.org", MISDIRECTED),
    ],
)
def test_a_pattern_stands_for_names_below_it(host, status, ask):
    assert ask(host, "localhost", ("*.example.org",)) == status
