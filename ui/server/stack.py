"""What stands around Streamlit's own server, in the order in which a request meets it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.middleware import Middleware

from ui.server import (
    addresses,
    connections,
    keras_session,  # noqa: F401  its patch is made where Keras loads
    log_floods,
    message_size,
    origins,
    uploads,
    visits,
    vp8,  # noqa: F401  its patch is made where aiortc loads
)
from ui.server.crowd import Crowd
from ui.server.endpoints import ClosedEndpoints
from ui.server.headers import Headers
from ui.server.hosts import Hosts
from ui.server.messages import AllowedMessages
from ui.server.origins import OwnOrigin


def prepare() -> None:
    """What must be changed before the server is made. Raises `RuntimeError`."""
    uploads.keep_in_memory()
    origins.ask_nobody()
    visits.install()
    message_size.bound()
    connections.prepare()


def middleware() -> list[Middleware]:
    return [
        Middleware(Headers),
        Middleware(Crowd),
        Middleware(Hosts),
        Middleware(OwnOrigin),
        Middleware(ClosedEndpoints),
        Middleware(AllowedMessages),
        Middleware(uploads.UploadRoom),
    ]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """What runs beside the server for as long as it does."""
    addresses.announce()
    log_floods.stop()
    keeping = asyncio.create_task(visits.keep())
    try:
        async with connections.watched():
            yield {}
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
