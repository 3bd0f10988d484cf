"""What stands around Streamlit's own server, in the order in which a request meets it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.middleware import Middleware

from ui.server import keras_session, uploads  # noqa: F401  a patch of the list, made where Keras loads


def prepare() -> None:
    """What must be changed before the server is made. Raises `RuntimeError`."""
    uploads.keep_in_memory()


def middleware() -> list[Middleware]:
    return []


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """What runs beside the server for as long as it does."""
    yield {}
