"""Where the site asks for a password or a login, nothing is served before."""

from __future__ import annotations

from typing import Protocol

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.server import login, password_form
from ui.server.endpoints import served_at

HEALTH = "/_stcore/health"


class Door(Protocol):
    """A module that lets in who has said what it asks for."""

    OPEN: tuple[str, ...]
    """Paths that lead through it, so they are open to everybody."""

    def is_wanted(self) -> bool: ...

    def admits(self, connection: HTTPConnection) -> bool: ...

    def entry_page(self, request: Request) -> Response:
        """What an unknown visitor gets in place of any page."""


DOORS: tuple[Door, ...] = (password_form, login)  # in the order in which a visitor meets them


class Gate:
    """Middleware that asks at each door: pages get its form, all else is refused."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._doors = [door for door in DOORS if door.is_wanted()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        connection, path = HTTPConnection(scope), scope["path"].removeprefix(served_at(""))
        for door in self._doors:
            if path == HEALTH or path in door.OPEN:
                break
            if not door.admits(connection):
                return await _refuse(door, scope, receive, send)
        if scope["type"] == "websocket":
            receive = self._while_admitted(connection, receive)
        await self._app(scope, receive, send)

    def _while_admitted(self, connection: HTTPConnection, receive: Receive) -> Receive:
        """A connection ends with what let it in, at its next message."""

        async def still() -> Message:
            message = await receive()
            if all(door.admits(connection) for door in self._doors):
                return message
            return {"type": "websocket.disconnect", "code": 1008}

        return still


async def _refuse(door: Door, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        return await send({"type": "websocket.close"})  # before it is accepted: the browser is told 403
    request = Request(scope, receive)
    is_page = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
    answer = door.entry_page(request) if is_page else PlainTextResponse("Log in first.", 401)
    await answer(scope, receive, send)
