"""Pages with one form that need nothing of Streamlit, no script and no file: what stands before the app."""

from __future__ import annotations

from html import escape
from typing import Literal
from urllib.parse import parse_qs

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ui.server.endpoints import served_at
from ui.server.headers import of_inline_scripts

MAX_FORM = 8192  # bytes
NO_SCRIPT = "'none'"

_STYLE = """
:root {{ color-scheme: light dark; --back: {light.backgroundColor}; --plate: {light.secondaryBackgroundColor};
  --ink: {light.textColor}; --primary: {light.primaryColor}; --on-primary: #fff; --wrong: #a4262c; }}
@media (prefers-color-scheme: dark) {{ :root {{ --back: {dark.backgroundColor};
  --plate: {dark.secondaryBackgroundColor}; --ink: {dark.textColor}; --primary: {dark.primaryColor};
  --on-primary: #000; --wrong: #ff9a9a; }} }}
body {{ margin: 0; background: var(--back); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }}
main {{ max-width: 24rem; margin: 12vh auto 0; padding: 0 1rem; }}
h1 {{ font-size: 2rem; line-height: 1.2; }}
label {{ display: block; margin: 0 0 .25rem; }}
input, button, .button {{ box-sizing: border-box; width: 100%; padding: .6rem .75rem; border-radius: .5rem;
  font: inherit; }}
input {{ background: var(--plate); color: var(--ink); border: 1px solid var(--ink); }}
button, .button {{ display: block; margin: 1rem 0 0; border: 0; background: var(--primary);
  color: var(--on-primary); font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; }}
:focus-visible {{ outline: 3px solid var(--primary); outline-offset: 2px; }}
[role=alert] {{ color: var(--wrong); font-weight: 600; }}
"""


class _Theme:
    """The app's colours, by name, as `str.format` asks for them."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, colour: str) -> str:
        return str(st.get_option(f"theme.{self._name}.{colour}"))


def page(
    title: str,
    words: str,
    *inside: str,
    button: str | None = None,
    problem: str | None = None,
    script: str = "",
    status: int = 200,
) -> HTMLResponse:
    """`inside` is HTML. A `button` makes a form of it, sent to the page's own address."""
    form = "\n".join(inside)
    if button is not None:
        form = f'<form method="post">\n{form}\n<button>{escape(button)}</button>\n</form>'
    alert = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    code = f"<script>{script}</script>" if script else ""
    html = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · Maskwise</title>
<link rel="icon" href="data:,">
<style>{_STYLE.format(light=_Theme("light"), dark=_Theme("dark"))}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
<p>{escape(words)}</p>
{alert}
{form}
</main>
{code}
</body>
</html>
"""
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; script-src {of_inline_scripts(html) or NO_SCRIPT}"
    )
    return HTMLResponse(html, status, {"Content-Security-Policy": policy})


def field(name: str, label: str, *, autocomplete: str) -> str:
    """HTML of a field for a secret."""
    return (
        f'<label for="{name}">{escape(label)}</label>\n'
        f'<input id="{name}" name="{name}" type="password" autocomplete="{autocomplete}" required autofocus>'
    )


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
