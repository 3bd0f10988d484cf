"""Every answer carries the headers: pages, files, errors, and WebSockets that are refused."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from streamlit import config

from tests import asgi
from ui.server.headers import HEADERS, Headers, of_inline_scripts


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


def test_a_page_may_be_stricter():
    assert ask("/stricter").headers.getlist("Content-Security-Policy") == ["default-src 'none'"]


@pytest.mark.parametrize("base", ["", "/base"])
def test_nothing_of_a_visitor_is_kept_by_browsers_or_proxies(base):
    config.set_option("server.baseUrlPath", base.strip("/"))
    try:
        for path in ("/", "/media/abc.png", "/_stcore/upload_file/a/b", "/live", "/other/static/js/index.js"):
            assert ask(base + path, base=base).headers["Cache-Control"] == "no-store", path
        assert ask(f"{base}/static/js/index.js", base=base).headers["Cache-Control"] == "public, max-age=9"
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
