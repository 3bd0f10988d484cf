"""The shared password: its hash, who is let in by it and for how long, and how often it is tried."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from core import settings
from core.errors import SettingsError
from tests import asgi
from ui.server import password, password_form
from ui.server.gate import Gate
from ui.server.passes import LASTS, MANY, Passes, Tries

ROOT = Path(__file__).parents[3]
WORD = "häuser am fluss"
_COSTS = (2**13, 8, 1)  # as little as is taken
HASH = str(password.Hash(*_COSTS, b"salt of the test", password._digest(WORD, b"salt of the test", *_COSTS)))
EVERYTHING = (
    "/",
    "/check_photos",
    "/static/js/index.js",
    "/media/a.png",
    "/_stcore/upload_file/a/b",
    "/owner",
)


async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.close()


@pytest.fixture(autouse=True)
def hash_file(monkeypatch, tmp_path):
    file = tmp_path / "password"
    file.write_text(HASH + "\n")
    monkeypatch.setenv(settings.PASSWORD_FILE.name, str(file))
    monkeypatch.setattr(password_form, "PASSES", Passes())
    monkeypatch.setattr(password_form, "TRIES", Tries())
    monkeypatch.setattr(password_form, "_one", None)
    password.wanted.cache_clear()
    yield file
    password.wanted.cache_clear()


@pytest.fixture
def site() -> Starlette:
    """A site that has something at every path."""
    routes = [
        *password_form.routes(),
        WebSocketRoute("/{path:path}", socket),
        Route("/{path:path}", lambda request: PlainTextResponse("inside"), methods=["GET", "PUT"]),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Gate)])


def say(
    site, word: str, client: str = "203.0.113.5", scheme: str = "http", to: str | None = None
) -> asgi.Answer:
    return asgi.ask(
        site,
        password_form.PATH,
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded", "Host": "localhost"},
        body=f"password={quote(word)}{'' if to is None else f'&to={quote(to)}'}".encode(),
        client=client,
        scheme=scheme,
    )


def cookie_of(answer: asgi.Answer) -> dict[str, str]:
    return {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}


# --- the hash ----------------------------------------------------------------------------------


def test_a_hash_fits_its_password_alone():
    made = password.read_hash(HASH)
    assert made.fits(WORD) and WORD not in HASH
    assert made.fits("ha\u0308user am fluss")  # as other keyboards write the same letter
    assert not any(made.fits(other) for other in ("", "häuser am flus", "Häuser am fluss", WORD + " "))
    first, second = password.hash_of(WORD), password.hash_of(WORD)
    assert first.digest != second.digest and first.fits(WORD)  # each has a salt of its own


@pytest.mark.parametrize(
    "text",
    [
        "",
        WORD,
        HASH[:-1],
        HASH.replace("scrypt", "md5"),
        HASH.replace("8192", "8191"),
        HASH.replace("8192", "2"),
        HASH.replace("8192", str(2**40)),
        HASH.rsplit(":", 2)[0] + "::",
        HASH + ":more",
    ],
)
def test_a_file_without_a_hash_stops_the_start_in_words(text, hash_file):
    hash_file.write_text(text)
    with pytest.raises(SettingsError, match=r"python -m ui\.server\.password") as refused:
        password.check_settings()
    assert not text or text not in str(refused.value)


def test_a_file_that_is_not_there_stops_the_start_in_words(hash_file):
    hash_file.unlink()
    with pytest.raises(SettingsError, match=f"{hash_file}.*No such file"):
        password.check_settings()


def test_the_command_writes_a_hash_and_never_the_password():
    def run(said: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "ui.server.password"]
        return subprocess.run(command, cwd=ROOT, input=said, capture_output=True, text=True)

    made = run("correct horse battery\n")
    assert made.returncode == 0 and made.stderr == ""
    assert password.read_hash(made.stdout).fits("correct horse battery")
    refused = run("short\n")
    assert refused.returncode == 1 and refused.stdout == "" and "12 to 1024" in refused.stderr


# --- the door ----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EVERYTHING)
@pytest.mark.parametrize("cookie", [{}, {"Cookie": "maskwise_pass=guessed"}, {"Cookie": "maskwise_pass="}])
def test_nothing_is_served_before_the_password(path, cookie, site):
    page = asgi.ask(site, path, headers={"Accept": "text/html", **cookie})
    assert page.status == 401 and "inside" not in page.text and 'autocomplete="current-password"' in page.text
    for method in ("GET", "PUT"):
        other = asgi.ask(site, path, method=method, headers=cookie)
        assert other.status == 401 and "inside" not in other.text
    assert asgi.ask(site, path, scheme="ws", headers=cookie).status == 403


def test_health_stays_open(site):
    assert asgi.ask(site, "/_stcore/health").text == "inside"


def test_the_password_opens_everything_until_one_leaves(site):
    answer = say(site, WORD)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    attributes = set(answer.headers["Set-Cookie"].split("; ")[1:])
    assert {"HttpOnly", "SameSite=lax", f"Max-Age={LASTS:.0f}", "Path=/"} <= attributes
    assert "Secure" not in attributes and "Secure" in say(site, WORD, scheme="https").headers["Set-Cookie"]
    cookie = cookie_of(answer)
    for path in EVERYTHING:
        assert asgi.ask(site, path, headers=cookie).text == "inside"
        assert asgi.ask(site, path, scheme="ws", headers=cookie).status == 101
    left = asgi.ask(site, password_form.LEAVE, method="POST", headers=cookie)
    assert left.status == 303 and "Max-Age=0" in left.headers["Set-Cookie"]
    assert asgi.ask(site, "/", headers=cookie).status == 401  # also for whoever has kept it


def test_the_password_leads_to_the_page_that_was_asked_for(site):
    """A tablet at the door has a bookmark."""
    asked = asgi.ask(site, "/live", headers={"Accept": "text/html"})
    assert 'name="to" value="/live"' in asked.text
    assert 'name="to" value="/live"' in say(site, "not the password", to="/live").text
    assert say(site, WORD, to="/live").headers["Location"] == "/live"


@pytest.mark.parametrize(
    "to", ["//evil.example", "https://evil.example/", "/\\evil.example", '/">', "/live\n", ""]
)
def test_it_leads_to_no_other_site(to, site):
    assert say(site, WORD, to=to).headers["Location"] == "/"
    assert 'name="to" value="/"' in say(site, "not the password", to=to).text


def test_a_wrong_password_is_told_in_words(site):
    answer = say(site, "not the password")
    assert answer.status == 401 and "Set-Cookie" not in answer.headers
    assert 'role="alert"' in answer.text and "not the password" in answer.text


def test_tries_are_counted_by_address_and_good_ones_are_not(site):
    for _ in range(8):
        assert say(site, WORD).status == 303
    statuses = [say(site, "a wrong password").status for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    refused = say(site, WORD)
    assert refused.status == 429 and 0 < int(refused.headers["Retry-After"]) <= 30
    assert "Too many tries" in refused.text and "Set-Cookie" not in refused.headers
    assert say(site, WORD, client="203.0.113.6").status == 303


def test_tries_come_back_one_by_one():
    tries = Tries(burst=2, seconds=10, burst_of_all=100, seconds_of_all=1)
    assert [tries.wait("192.0.2.1", now=100) for _ in range(3)] == [0, 0, 10]
    assert [tries.wait("192.0.2.1", now=110) for _ in range(2)] == [0, 10]
    assert tries.wait("192.0.2.1", now=1000) == 0


def test_a_network_of_the_newer_kind_is_one_address_and_all_are_counted_together():
    tries = Tries(burst=1, seconds=10, burst_of_all=3, seconds_of_all=1)
    assert tries.wait("2001:db8::1", now=100) == 0 < tries.wait("2001:db8::2", now=100)
    assert [tries.wait(f"192.0.2.{n}", now=100) for n in range(3)] == [0, 0, 1]


def test_passes_end_and_are_bounded():
    passes = Passes()
    first = passes.give(now=0)
    assert passes.holds(first, now=LASTS - 1) and not passes.holds(first, now=LASTS)
    for _ in range(MANY):
        last = passes.give(now=0)
    assert passes.holds(last, now=1) and not passes.holds(first, now=1)
    assert not passes.holds(None) and not passes.holds("")


def test_a_connection_ends_with_the_pass_that_let_it_in(site):
    """At its next message: what it has open already is not served for longer."""
    cookie = cookie_of(say(site, WORD))["Cookie"]
    seen = []

    async def app(scope, receive, send):
        for _ in range(3):
            seen.append((await receive())["type"])

    async def receive():
        if len(seen) == 2:
            password_form.PASSES.take_back(cookie.partition("=")[2])
        return {"type": "websocket.receive", "bytes": b""}

    scope = {"type": "websocket", "path": "/live-socket", "headers": [(b"cookie", cookie.encode())]}
    asyncio.run(Gate(app)(scope, receive, None))
    assert seen == ["websocket.receive", "websocket.receive", "websocket.disconnect"]
