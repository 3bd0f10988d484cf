"""Pages with one form that need nothing of Streamlit, no script and no file: what stands before the app."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ui.html import render
from ui.server.endpoints import served_at
from ui.server.headers import of_inline_scripts

MAX_FORM = 8192  # bytes
NO_SCRIPT = "'none'"


def page(
    template: str, title: str, words: str, *, problem: str | None = None, status: int = 200, **values: Any
) -> HTMLResponse:
    """One of the templates that extend `plain_page.html.j2`; `values` are what its form needs."""
    html = render(template, title=title, words=words, problem=problem, **values)
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; script-src {of_inline_scripts(html) or NO_SCRIPT}"
    )
    return HTMLResponse(html, status, {"Content-Security-Policy": policy})


async def read_form(request: Request) -> dict[str, str]:
    """The first value of each field of a form of ours; empty where it is none or too long."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            return {}
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items()}


def set_cookie(
    answer: Response,
    request: Request,
    name: str,
    value: str,
    *,
    samesite: Literal["lax", "strict"],
    seconds: int | None = None,
) -> None:
    """One that no script reads; for `seconds`, else until the browser closes. No seconds take it away."""
    answer.set_cookie(
        name,
        value,
        max_age=seconds,
        path=served_at("") or "/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite=samesite,
    )
