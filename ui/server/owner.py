"""Who may read this machine's folders and change what all visitors get: whoever runs the server.

An address makes nobody the owner: a proxy speaks from this machine for everybody. A key does. It is printed
at each start in a link, or lies in a file; the link's page takes it out of the address and leaves a cookie.
"""

from __future__ import annotations

import functools
import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from core import settings
from core.errors import SettingsError
from ui.server import login
from ui.server.endpoints import served_at
from ui.server.plain_page import page, read_form, set_cookie

REFUSED = (
    "Only for whoever runs this server: open the owner's link that it printed at its start, or start it with "
    f"`{settings.TRUST_VISITORS.name}=1` where every visitor may do so."
)
PATH = "/owner"
SHORTEST = 32  # characters of a key that is chosen: nobody tries them all
_SCRIPT = Path(__file__).with_name("owner.js").read_text(encoding="utf-8")


@functools.cache
def _key() -> str:
    """The one in the file that the environment names, else a new one. Raises `SettingsError`."""
    name, file = settings.OWNER_KEY_FILE.name, settings.OWNER_KEY_FILE.get()
    if not file:
        return secrets.token_urlsafe(SHORTEST)
    try:
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{name} names {file}, which cannot be read as text.") from None
    if len(key) < SHORTEST or not key.isascii() or not key.isprintable():
        raise SettingsError(
            f"The owner's key in {file} ({name}) must be one line of at least {SHORTEST} letters and "
            'digits. Make one: python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return key


def check_settings() -> None:
    """Raises `SettingsError` where the key cannot be used."""
    _key()


def announce(address: str) -> None:
    """Print the link that gives a browser the owner's rights, without a key that lies in a file."""
    file = settings.OWNER_KEY_FILE.get()
    where = f"{address}{PATH} asks for the key in {file}" if file else f"{address}{PATH}#{_key()}"
    print(f"  With the owner's rights:\n  {where}\n", flush=True)


def is_owner() -> bool:
    """Whether this visitor runs the server, as the cookie or the login of the page's connection proves it."""
    if settings.TRUST_VISITORS.get():
        return True
    return _proves(st.context.cookies.get(_cookie(), "")) or (login.is_wanted() and _is_named(st.user))


def _is_named(user: Mapping[str, object]) -> bool:
    """Whether the login's provider has verified the visitor's e-mail, and it is an owner's."""
    email = user.get("email")
    return (
        user.get("email_verified") is True
        and isinstance(email, str)
        and email.casefold() in settings.OWNERS.get()
    )


def _cookie() -> str:
    """Its name. Browsers send cookies to every port of a machine, and another server may run there."""
    return f"maskwise_owner_{st.get_option('server.port')}"


def _proof() -> str:
    """What the cookie holds: good for this key alone, and not the key itself."""
    return hmac.new(_key().encode(), b"cookie", "sha256").hexdigest()


def _proves(said: str) -> bool:
    return hmac.compare_digest(said.encode(), _proof().encode())


def _where_it_is() -> str:
    if settings.OWNER_KEY_FILE.get():
        return f"in the file that {settings.OWNER_KEY_FILE.name} names"
    return "behind the # of the link that the server printed at its last start"


def _ask(problem: str | None = None) -> Response:
    return page(
        "owner.html.j2",
        "The owner's rights",
        "Whoever runs this server can save operating points and read its folders. The key is "
        f"{_where_it_is()}.",
        problem=problem,
        script=_SCRIPT,
    )


async def _serve(request: Request) -> Response:
    if request.method != "POST":
        return _ask()
    key = (await read_form(request)).get("key", "")
    if not hmac.compare_digest(key.encode(), _key().encode()):
        return _ask(f"This is not the key of this server. It is {_where_it_is()}.")
    answer = RedirectResponse(served_at("/"), status_code=303)
    set_cookie(answer, request, _cookie(), _proof(), samesite="strict")
    return answer


def routes() -> list[Route]:
    return [Route(served_at(PATH), _serve, methods=["GET", "POST"])]
