"""One request to an ASGI application, without a server in between."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Answer:
    """Of HTTP, or of a WebSocket that was refused; `status` is 101 where it was accepted."""

    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(
    app: ASGIApp,
    path: str = "/",
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    scheme: str = "http",
    client: str = "203.0.113.5",
) -> Answer:
    """What is answered. `scheme` "ws" or "wss" asks for a WebSocket, which is given up once accepted.

    An exception after the answer is swallowed, as servers do.
    """
    path, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "websocket" if scheme.startswith("ws") else "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(k.lower().encode(), v.encode("latin-1")) for k, v in (headers or {}).items()],
        "client": (client, 50000),
        "server": ("127.0.0.1", 8501),
        "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }
    if scope["type"] == "http":
        incoming: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        gone: Message = {"type": "http.disconnect"}
    else:
        incoming, gone = [{"type": "websocket.connect"}], {"type": "websocket.disconnect", "code": 1001}
    sent: list[Message] = []

    async def receive() -> Message:
        return incoming.pop(0) if incoming else gone

    async def send(message: Message) -> None:
        sent.append(message)

    async def served() -> None:
        await app(scope, receive, send)

    try:
        asyncio.run(served())
    except Exception:
        if not sent:
            raise
    if sent[0]["type"] == "websocket.accept":
        return Answer(101, Headers(), b"")
    if sent[0]["type"] == "websocket.close":
        return Answer(403, Headers(), b"")  # as uvicorn has it
    return Answer(
        sent[0]["status"],
        Headers(raw=list(sent[0].get("headers", []))),
        b"".join(message.get("body", b"") for message in sent[1:]),
    )
