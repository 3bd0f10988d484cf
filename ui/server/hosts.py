"""Which names the server answers to.

A hostile site can have its own name resolve to this machine once its page is open (DNS rebinding): the
browser then takes the server for a part of that site, but says its name in every request.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import streamlit as st
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

MISDIRECTED = 421
REFUSED = (
    "Maskwise does not answer to this name. Whoever runs this server can name it at its start: "
    "--server.allowedHosts maskwise.example.org"
)


def name_of(host: str | None) -> str | None:
    """The name in a Host header, in lower case, without its port; None where there is none to be read."""
    try:
        parts = urlsplit(f"//{host or ''}")
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    if parts.netloc != host or "@" in parts.netloc:
        return None
    return (parts.hostname or "").rstrip(".") or None


def is_loopback(host: str | None) -> bool:
    """Whether a Host header names this machine and no other."""
    name = name_of(host)
    if name is None:
        return False
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def is_answered(host: str | None) -> bool:
    """By `server.allowedHosts` where set; without, a server for its own machine answers to that alone."""
    if allowed := st.get_option("server.allowedHosts"):
        name = name_of(host)
        return name is not None and any(_matches(name, pattern) for pattern in allowed)
    return is_loopback(host) or not listens_to_itself()


def listens_to_itself() -> bool:
    """Whether the server was started for its own machine alone; a proxy may hand it on all the same."""
    address = st.get_option("server.address") or ""
    return is_loopback(f"[{address}]" if ":" in address else address)


def _matches(name: str, pattern: str) -> bool:
    """As Streamlit reads the setting for its own WebSocket."""
    pattern = pattern.strip().lower().rstrip(".")
    return pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:]))


class Hosts:
    """Refuses every request, WebSockets included, by another name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or is_answered(HTTPConnection(scope).headers.get("host")):
            return await self._app(scope, receive, send)
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close"})
        await PlainTextResponse(REFUSED, MISDIRECTED)(scope, receive, send)
