"""Logging in by OpenID Connect, as Streamlit offers it, but asked of everybody before anything is served.

Streamlit alone asks in the script, when a visitor's connection is open and takes uploads already.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from streamlit import auth_util
from streamlit.errors import StreamlitAuthError
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from core.errors import SettingsError
from ui.server.endpoints import has_login, served_at
from ui.server.plain_page import page

PATH = "/login"
OPEN: tuple[str, ...] = (PATH, "/auth/login", "/auth/logout", "/oauth2callback")
_DEFAULT = "default"


def is_wanted() -> bool:
    return has_login()


def _providers() -> list[str]:
    """Names of those set up, as Streamlit reads them from the secrets."""
    section = secrets_singleton.get("auth") or {}
    named = [name for name, value in section.items() if isinstance(value, Mapping) and "client_id" in value]
    return ([_DEFAULT] if "client_id" in section else []) + named


def check_settings() -> None:
    """Raises `SettingsError` where logging in is wanted and could not succeed."""
    if not is_wanted():
        return
    if not auth_util.is_authlib_installed():
        raise SettingsError(
            "The secrets have an [auth] section, so visitors shall log in, which needs another library: "
            "pip install -r requirements-login.txt"
        )
    if not (providers := _providers()):
        raise SettingsError("The [auth] section of the secrets names no provider: client_id is missing.")
    try:
        for provider in providers:
            auth_util.validate_auth_credentials(provider)
    except StreamlitAuthError as problem:
        raise SettingsError(" ".join(str(problem).split())) from None


def admits(connection: HTTPConnection) -> bool:
    """Whether it comes from somebody who has logged in here."""
    return bool(user_of(connection.cookies))


def user_of(cookies: Mapping[str, str]) -> dict[str, Any]:
    """What the provider said of the visitor, by Streamlit's signed cookie; empty without."""

    def signed(name: str) -> bytes | None:
        value = cookies.get(name)
        return decode_signed_value(get_cookie_secret(), name, value) if value else None

    try:
        user = json.loads(auth_util.get_cookie_with_chunks(signed, USER_COOKIE_NAME) or b"{}")
    except ValueError:
        return {}
    if not isinstance(user, dict) or user.get("is_logged_in") is not True:
        return {}
    return user if user.get("origin") == auth_util.get_origin_from_redirect_uri() else {}


def entry_page(request: Request) -> Response:
    """The page that an unknown visitor gets in place of any other."""
    return page(
        "login.html.j2",
        "Log in",
        "This site asks who you are before it shows anything.",
        status=401,
        action=served_at(PATH),
        providers=_providers(),
        default=_DEFAULT,
    )


async def _serve(request: Request) -> Response:
    """To the provider: Streamlit wants its name signed, and that signature lasts two minutes."""
    provider = request.query_params.get("with", "")
    if not is_wanted() or provider not in _providers():
        return RedirectResponse(served_at("/"), status_code=303)
    token = auth_util.encode_provider_token(provider)
    return RedirectResponse(f"{served_at('/auth/login')}?provider={token}", status_code=303)


def routes() -> list[Route]:
    return [Route(served_at(PATH), _serve)]
