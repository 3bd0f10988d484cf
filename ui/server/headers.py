"""What every answer has the browser forbid: code of other sites, frames around it, copies kept of it."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.html import hash_of
from ui.server.endpoints import served_at
from ui.server.hosts import is_loopback

_STREAMLITS_PAGE = Path(st.__file__).parent / "static/index.html"


def of_inline_scripts(page: str) -> str:
    """What lets a page's own inline scripts, and no others, run: their hashes, as `script-src` wants them."""
    return " ".join(map(hash_of, re.findall(r"<script>(.*?)</script>", page, re.DOTALL)))


# Streamlit writes styles into the page as it draws, makes a module of the live stage's script (blob:) and
# reads a camera's snapshot as if it fetched it (data:).
_POLICY = {
    "default-src": "'self'",
    "script-src": f"'self' blob: {of_inline_scripts(_STREAMLITS_PAGE.read_text(encoding='utf-8'))}",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' blob: mediastream:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {sources}" for name, sources in _POLICY.items())
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), microphone=(), geolocation=(), display-capture=(), payment=(), usb=(), serial=(), "
        "midi=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
ONLY_ENCRYPTED = "max-age=31536000"  # a year, in seconds


class Headers:
    """Sets them on every answer over HTTP, errors and refused WebSockets included."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept = served_at("/static/")  # code of a version, which browsers may keep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "websocket.close" and not begun and _may_explain(scope):
                return await _refuse(send_with_headers)
            begun = True
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                self._set(MutableHeaders(scope=message), scope, message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            if scope["type"] == "http" and not begun:  # else Starlette answers, outside of all middleware
                await _fail(send_with_headers)
            raise

    def _set(self, headers: MutableHeaders, scope: Scope, status: int) -> None:
        for name, value in HEADERS.items():
            headers.setdefault(name, value)  # a page of ours may be stricter
        if not scope["path"].startswith(self._kept) or status >= 400:
            headers["Cache-Control"] = "no-store"
        if scope["scheme"] in ("https", "wss") and not is_loopback(HTTPConnection(scope).headers.get("host")):
            headers["Strict-Transport-Security"] = ONLY_ENCRYPTED


def _may_explain(scope: Scope) -> bool:
    """Whether a refused WebSocket can get an answer of ours, in place of the server's without headers."""
    return scope["type"] == "websocket" and "websocket.http.response" in scope.get("extensions", {})


async def _refuse(send: Send) -> None:
    await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"Forbidden"})


async def _fail(send: Send) -> None:
    plain = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": 500, "headers": plain})
    await send({"type": "http.response.body", "body": b"Internal Server Error"})
