"""Where visitors say the shared password, and give up what it gave them."""

from __future__ import annotations

import logging
import math
import re

from anyio import CapacityLimiter, to_thread
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ui.server import password
from ui.server.endpoints import served_at
from ui.server.passes import LASTS, Passes, Tries
from ui.server.plain_page import page, read_form, set_cookie

log = logging.getLogger(__name__)

PATH, LEAVE = "/password", "/password/leave"
OPEN: tuple[str, ...] = (PATH, LEAVE)
COOKIE = "maskwise_pass"
PASSES, TRIES = Passes(), Tries()
_one: CapacityLimiter | None = None


def is_wanted() -> bool:
    return password.is_wanted()


def admits(connection: HTTPConnection) -> bool:
    return PASSES.holds(connection.cookies.get(COOKIE))


def entry_page(
    request: Request, problem: str | None = None, status: int = 401, to: str | None = None
) -> Response:
    """The page that an unknown visitor gets in place of any other, `to` which the password leads."""
    return page(
        "password.html.j2",
        "Password",
        "This site asks for its password before it shows anything.",
        problem=problem,
        status=status,
        action=served_at(PATH),
        to=_page(request.url.path if to is None else to),
    )


def _page(asked: str) -> str:
    """The address of a page of ours; of the first, where another was asked for."""
    first = served_at("/")
    return asked if re.fullmatch(re.escape(first) + "[a-z_]{0,40}", asked) else first


async def _serve(request: Request) -> Response:
    if not is_wanted() or (request.method != "POST" and admits(request)):
        return RedirectResponse(served_at("/"), status_code=303)
    if request.method != "POST":
        return entry_page(request, to="/")
    form = await read_form(request)
    to = form.get("to", "")
    address = request.client.host if request.client else ""
    if wait := TRIES.wait(address):
        log.warning("Passwords are tried too often.")
        problem = f"Too many tries. Wait {math.ceil(wait)} seconds, then try again."
        refused = entry_page(request, problem, 429, to)
        refused.headers["Retry-After"] = str(math.ceil(wait))
        return refused
    said = form.get("password", "")
    if not await to_thread.run_sync(password.wanted().fits, said, limiter=_limiter()):
        return entry_page(request, "This is not the password. Capital letters and spaces count.", to=to)
    TRIES.succeeded(address)
    answer = RedirectResponse(_page(to), status_code=303)
    set_cookie(answer, request, COOKIE, PASSES.give(), samesite="lax", seconds=int(LASTS))
    return answer


def _limiter() -> CapacityLimiter:
    """One at a time: each takes 32 MiB and a core. Made late, as it belongs to the server's event loop."""
    global _one
    if _one is None:
        _one = CapacityLimiter(1)
    return _one


async def _leave(request: Request) -> Response:
    if not admits(request):
        return RedirectResponse(served_at("/"), status_code=303)
    if request.method != "POST":
        words = "This browser, and every tab of it, will be asked for the password again."
        return page("log_out.html.j2", "Log out", words)
    PASSES.take_back(request.cookies[COOKIE])
    answer = RedirectResponse(served_at("/"), status_code=303)
    set_cookie(answer, request, COOKIE, "", samesite="lax", seconds=0)
    return answer


def leave_address() -> str:
    return served_at(LEAVE)


def routes() -> list[Route]:
    return [
        Route(served_at(PATH), _serve, methods=["GET", "POST"]),
        Route(served_at(LEAVE), _leave, methods=["GET", "POST"]),
    ]
