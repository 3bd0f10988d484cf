"""Every answer carries the headers: pages, files, errors, and WebSockets that are refused."""

from __future__ import annotations

import socket
from contextlib import closing
from http.client import HTTPResponse

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from streamlit import config

from tests import asgi
from ui.server import connections
from ui.server.headers import HEADERS, Headers, of_inline_scripts

HOST = "localhost"
WEBSOCKET = f"GET /_stcore/stream HTTP/1.1\nHost: {HOST}\nUpgrade: websocket\nConnection: Upgrade"


def broken(request):
    raise ValueError("a secret")


def stricter(request):
    return PlainTextResponse("", headers={"Content-Security-Policy": "default-src 'none'"})


def kept(request):
    return PlainTextResponse("", headers={"Cache-Control": "public, max-age=9"})


async def refuse(websocket: WebSocket) -> None:
    await websocket.close()


def ask(path: str, *, base: str = "", **options) -> asgi.Answer:
    routes = [
        Route("/stricter", stricter),
        Route("/broken", broken),
        Route(f"{base}/{{path:path}}", kept),
        WebSocketRoute("/socket", refuse),
    ]
    return asgi.ask(Starlette(routes=routes, middleware=[Middleware(Headers)]), path, **options)


@pytest.mark.parametrize(
    ("path", "options", "status"),
    [
        ("/", {}, 200),
        ("/", {"method": "POST"}, 405),
        ("/broken", {}, 500),
        ("/socket", {"scheme": "ws"}, 403),
    ],
)
def test_every_answer_carries_them(path, options, status):
    answer = ask(path, **options)
    assert answer.status == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "a secret" not in answer.text


@pytest.mark.parametrize(
    "asked",
    [
        "nonsense",
        "GET / HTTP/1.1",
        f"GET / HTTP/1.1\nHost: {HOST}\nHost: example.org",
        f"POST /owner HTTP/1.1\nHost: {HOST}\nTransfer-Encoding: chunked\n\nzz",
        f"{WEBSOCKET}\nSec-WebSocket-Version: 13",
        f"{WEBSOCKET}\nSec-WebSocket-Version: 8\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ],
)
def test_answers_before_the_application_is_asked_carry_them_too(asked, small_server):
    host, _, port = small_server.host.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(asked.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        with closing(HTTPResponse(connection)) as answer:
            answer.begin()
    assert answer.status in (400, 426)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_is_one_too_many_is_told_with_them():
    answer = connections._REFUSAL.decode()
    assert all(f"{name.lower()}: {value}\r\n" in answer for name, value in HEADERS.items())


def test_a_page_may_be_stricter():
    assert ask("/stricter").headers.getlist("Content-Security-Policy") == ["default-src 'none'"]


@pytest.mark.parametrize("base", ["", "/base"])
def test_nothing_of_a_visitor_is_kept_by_browsers_or_proxies(base):
    config.set_option("server.baseUrlPath", base.strip("/"))
    try:
        for path in ("/", "/media/abc.png", "/_stcore/upload_file/a/b", "/live", "/other/static/js/index.js"):
            assert ask(base + path, base=base).headers["Cache-Control"] == "no-store", path
        assert ask(f"{base}/static/js/index.js", base=base).headers["Cache-Control"] == "public, max-age=9"
        refused = ask(f"{base}/static/js/index.js", base=base, method="POST")
        assert refused.status == 405 and refused.headers["Cache-Control"] == "no-store"
    finally:
        config.set_option("server.baseUrlPath", "")


@pytest.mark.parametrize(
    ("scheme", "host", "told"),
    [
        ("https", "maskwise.example.org", True),
        ("http", "maskwise.example.org", False),
        ("https", "localhost:8501", False),  # it would hold for every port of the visitor's own machine
    ],
)
def test_only_encrypted_answers_ask_for_encryption_from_now_on(scheme, host, told):
    answer = ask("/", scheme=scheme, headers={"Host": host})
    assert ("Strict-Transport-Security" in answer.headers) is told


def test_an_inline_script_is_known_by_its_hash():
    known = of_inline_scripts("<script>alert(1)</script><script src='a.js'></script>")
    assert known == "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
