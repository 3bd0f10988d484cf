"""How much of the server one address may have, so that there is some for everybody else."""

from __future__ import annotations

import ipaddress
from collections import Counter

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.server import connections
from ui.server.connections import FULL
from ui.server.endpoints import served_at

AN_ADDRESS = 300  # requests and WebSockets at once: a clinic behind one address
OF_WEBSOCKETS = 0.75  # of all connections: the rest is for whoever asks something short
TOO_MANY = "Too many connections come from your address. Please close some, then try again."
HEALTH = "/_stcore/health"


class Crowd:
    """Middleware that says 503 to whoever is too many. The server's health is always told."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._by_address: Counter[str] = Counter()
        self._websockets = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] == served_at(HEALTH):
            return await self._app(scope, receive, send)
        address, live = address_of(scope), scope["type"] == "websocket"
        if live and self._websockets >= OF_WEBSOCKETS * connections.most():
            return await _refuse(FULL, scope, receive, send)
        if address is not None and self._by_address[address] >= AN_ADDRESS:
            return await _refuse(TOO_MANY, scope, receive, send)
        counted = address or ""
        self._by_address[counted] += 1
        self._websockets += live
        try:
            await self._app(scope, receive, send)
        finally:
            self._websockets -= live
            self._by_address[counted] -= 1
            if not self._by_address[counted]:
                del self._by_address[counted]


def address_of(scope: Scope) -> str | None:
    """Whose request it is; of IPv6 the network, of which one visitor has as many addresses as it likes.

    None for this machine itself: a proxy that does not say who asks makes everybody look so.
    """
    try:
        ip = ipaddress.ip_address((scope.get("client") or ("",))[0])
    except ValueError:
        return None
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.is_loopback:
        return None
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))


async def _refuse(words: str, scope: Scope, receive: Receive, send: Send) -> None:
    answer = PlainTextResponse(words, status_code=503, headers={"Retry-After": "60"})
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await answer(scope, receive, send)
    else:
        await send({"type": "websocket.close"})
