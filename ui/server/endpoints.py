"""Which of Streamlit's paths are answered. Those that a later version adds are not, until they are listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime.secrets import secrets_singleton

from core import settings

STREAM = "/_stcore/stream"


def served_at(path: str) -> str:
    """Where `path` is served: below the app's own base path, if it has one."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}{path}" if base else path


def _always() -> bool:
    return True


def _never() -> bool:
    return False


def has_login() -> bool:
    """Whether the site has visitors sign in: a provider stands in Streamlit's secrets."""
    return bool(secrets_singleton.load_if_toml_exists() and secrets_singleton.get("auth"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Of Streamlit: a path, all that is below it where it ends with a slash, and whether it is answered."""

    path: str
    is_open: Callable[[], bool]

    def holds(self, path: str) -> bool:
        return path.startswith(self.path) if self.path.endswith("/") else path == self.path


ENDPOINTS = (
    Endpoint("/_stcore/health", _always),
    Endpoint("/_stcore/host-config", _always),
    Endpoint(STREAM, _always),
    Endpoint("/_stcore/upload_file/", _always),
    Endpoint("/media/", _always),
    Endpoint("/_stcore/metrics", settings.METRICS.get),
    Endpoint("/auth/", has_login),
    Endpoint("/oauth2callback", has_login),
    Endpoint("/_stcore/agent/", _never),  # drives the app without a browser
    Endpoint("/_stcore/bidi-components/", _never),  # files of components: ours is sent in its message
    Endpoint("/component/", _never),  # files of the older kind of component
    Endpoint("/_stcore/script-health-check", _never),  # runs the script for whoever asks
    Endpoint("/app/static/", _never),  # a folder of files, which Maskwise has not
    Endpoint("/_stcore/", _never),  # what a later version adds
)


def is_closed(path: str) -> bool:
    """Whether it is a path of Streamlit that is not answered. `path` is below the app's base path."""
    if not path.isprintable():  # a route's pattern fits its path with a new line behind, too
        return True
    of_streamlit = next((endpoint for endpoint in ENDPOINTS if endpoint.holds(path)), None)
    return of_streamlit is not None and not of_streamlit.is_open()


class ClosedEndpoints:
    """Middleware that says 404 at what is closed, to every method and to WebSockets."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        base = served_at("")
        if scope["type"] == "lifespan" or not is_closed(scope["path"].removeprefix(base)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # before it is accepted: the browser is told 403
        else:
            await PlainTextResponse("Not found", status_code=404)(scope, receive, send)
