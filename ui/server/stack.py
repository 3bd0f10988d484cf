"""What stands around Streamlit's own server, in the order in which a request meets it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pylibsrtp  # noqa: F401 - of WebRTC: loaded after TensorFlow, its OpenSSL ends the process
from starlette.middleware import Middleware
from starlette.routing import Route

from core import settings
from core.errors import SettingsError
from core.models import require_default_weights
from ui.server import (
    addresses,
    connections,
    heap,
    kept_answers,
    keras_session,  # noqa: F401 - its patch is made where Keras loads
    log_floods,
    login,
    message_size,
    origins,
    owner,
    password,
    password_form,
    told_facts,
    uploads,
    visits,
    vp8,  # noqa: F401 - its patch is made where aiortc loads
)
from ui.server.crowd import Crowd
from ui.server.endpoints import ClosedEndpoints
from ui.server.gate import Gate
from ui.server.headers import Headers
from ui.server.hosts import Hosts
from ui.server.messages import AllowedMessages
from ui.server.origins import OwnOrigin


def prepare() -> None:
    """What is checked and changed before the server is made. A wrong setting stops it."""
    try:
        settings.check()
        require_default_weights()
        for door in (owner, password, login):
            door.check_settings()
    except SettingsError as problem:
        sys.exit(str(problem))
    heap.bound()
    uploads.keep_in_memory()
    origins.ask_nobody()
    visits.install()
    kept_answers.install()
    told_facts.install()
    message_size.bound()
    connections.prepare()


def middleware() -> list[Middleware]:
    return [
        Middleware(Headers),
        Middleware(Crowd),
        Middleware(Hosts),
        Middleware(OwnOrigin),
        Middleware(ClosedEndpoints),
        Middleware(Gate),
        Middleware(AllowedMessages),
        Middleware(uploads.UploadRoom),
    ]


def routes() -> list[Route]:
    """Pages that Streamlit does not know."""
    return [*owner.routes(), *password_form.routes(), *login.routes()]


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """What runs beside the server for as long as it does."""
    addresses.announce()
    log_floods.stop()
    owner.announce(addresses.addresses()[0])
    keeping = asyncio.create_task(visits.keep())
    try:
        async with connections.watched():
            yield {}
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
