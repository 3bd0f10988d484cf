"""Pages of other sites get no answer.

Streamlit would ask an outside service for its own address before it says no, with everybody waiting. So the
origin is checked before Streamlit sees the request, and that service is never asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config, net_util

from ui.server.patches import declare

_OUTER = declare(
    "no-outer-address",
    "streamlit.net_util:get_external_ip",
    "90eeef84e6aa",
    "Streamlit asks an outside service for this server's address when another site's page connects",
)
_INNER = declare(
    "no-inner-address",
    "streamlit.net_util:get_internal_ip",
    "73cb5583682f",
    "Streamlit opens a socket towards a public name server to learn this machine's own address",
)


def ask_nobody() -> None:
    """Have Streamlit ask nobody for its addresses. Raises `RuntimeError` where it has another way to ask."""
    _OUTER.found(), _INNER.found()
    net_util.get_external_ip = net_util.get_internal_ip = _unknown


def _unknown() -> None:
    """Both may be unknown: then Streamlit compares with the addresses that its options name."""


def is_trusted(origin: str, host: str | None) -> bool:
    """Whether a page of `origin` may talk to the server that it calls `host`.

    That is the site's own page, and those of `server.corsAllowedOrigins` and `browser.serverAddress`.
    """
    if origin in (st.get_option("server.corsAllowedOrigins") or ()):
        return True
    try:
        parts = urlsplit(origin.lower())
        name = parts.hostname
    except ValueError:
        return False
    if not name or parts.scheme not in ("http", "https"):
        return False
    if config.is_manually_set("browser.serverAddress") and name == st.get_option("browser.serverAddress"):
        return True
    return parts.netloc == (host or "").lower()


def are_trusted(origins: Iterable[str], host: str | None) -> bool:
    """As `is_trusted`, of all that a request names. Programs that are no browser name none."""
    return all(is_trusted(origin, host) for origin in origins)


class OwnOrigin:
    """Middleware that says 403 to pages of other sites."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        if are_trusted(headers.getlist("origin"), headers.get("host")):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # before it is accepted: the browser is told 403
        else:
            await PlainTextResponse("Pages of other sites get no answer.", status_code=403)(
                scope, receive, send
            )
