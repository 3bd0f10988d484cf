"""Who may read this machine's folders: who has the key, or is named by the login, and no address."""

from __future__ import annotations

import pytest
import streamlit as st
from starlette.applications import Starlette

from core import settings
from core.errors import SettingsError
from tests import asgi
from ui.server import login, owner

KEY = "a-key-of-more-than-thirty-two-letters"


@pytest.fixture(autouse=True)
def key_file(monkeypatch, tmp_path):
    """The file with the owner's key, read anew in each test."""
    for variable in (settings.TRUST_VISITORS.name, settings.OWNERS.name):
        monkeypatch.delenv(variable, raising=False)
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    monkeypatch.setenv(settings.OWNER_KEY_FILE.name, str(file))
    owner._key.cache_clear()
    yield file
    owner._key.cache_clear()


@pytest.fixture
def visitor(monkeypatch):
    """Says what a visitor's connection carries, and what the provider says of the visitor."""

    def comes(cookies=(), headers=(), user=None):
        monkeypatch.setattr(type(st.context), "cookies", dict(cookies))
        monkeypatch.setattr(type(st.context), "headers", dict(headers))
        monkeypatch.setattr(login, "is_wanted", lambda: user is not None)
        monkeypatch.setattr(st, "user", user)

    comes()
    return comes


def say(key: str) -> asgi.Answer:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return asgi.ask(
        Starlette(routes=owner.routes()), "/owner", method="POST", headers=form, body=f"key={key}".encode()
    )


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "0.0.0.0", None])
def test_an_address_makes_nobody_the_owner(address, visitor, monkeypatch):
    """Nor a header that is not there: not every proxy adds one."""
    option = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: address if name == "server.address" else option(name))
    assert not owner.is_owner()
    monkeypatch.setenv(settings.TRUST_VISITORS.name, "1")
    assert owner.is_owner()


def test_the_key_leaves_a_cookie_that_makes_the_owner(visitor):
    answer = say(KEY)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    cookie, *attributes = answer.headers["Set-Cookie"].split("; ")
    name, _, value = cookie.partition("=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(attributes)
    assert KEY not in value
    visitor({name: value})
    assert owner.is_owner()
    visitor({name: value[:-1]})
    assert not owner.is_owner()
    visitor({name: KEY})
    assert not owner.is_owner()


def test_another_key_gives_another_cookie(visitor, key_file):
    cookie = say(KEY).headers["Set-Cookie"].split(";")[0]
    visitor([cookie.split("=")])
    key_file.write_text(KEY[::-1])
    owner._key.cache_clear()
    assert not owner.is_owner()


@pytest.mark.parametrize("said", ["", "wrong", KEY[:-1], KEY + "x", "%C3%A9", "x" * 9000])
def test_another_key_is_refused_in_words(said):
    answer = say(said)
    assert "Set-Cookie" not in answer.headers
    assert (
        f"not the key of this server. It is in the file that {settings.OWNER_KEY_FILE.name} names"
        in answer.text
    )
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("text", ["", "short", "é" * 40, "two lines of many\nletters in each of them here"])
def test_a_key_that_could_be_guessed_or_misread_stops_the_start(text, key_file):
    key_file.write_text(text)
    with pytest.raises(SettingsError, match=f"{settings.OWNER_KEY_FILE.name}.*token_urlsafe"):
        owner.check_settings()


def test_a_key_that_is_not_there_stops_the_start(key_file):
    key_file.unlink()
    with pytest.raises(SettingsError, match=str(key_file)):
        owner.check_settings()


def test_a_key_from_a_file_is_not_printed_and_a_made_one_is(capsys, monkeypatch):
    owner.announce("http://localhost:8501")
    said = capsys.readouterr().out
    assert "http://localhost:8501/owner asks" in said and KEY not in said
    monkeypatch.delenv(settings.OWNER_KEY_FILE.name)
    owner._key.cache_clear()
    owner.announce("http://localhost:8501")
    link = capsys.readouterr().out.split()[-1]
    address, _, key = link.partition("#")
    assert address == "http://localhost:8501/owner" and len(key) >= owner.SHORTEST
    assert say(key).status == 303


@pytest.mark.parametrize(
    ("user", "is_owner"),
    [
        ({"email": "Ada@Example.org", "email_verified": True}, True),
        ({"email": "bob@example.org", "email_verified": True}, True),
        ({"email": "ada@example.org", "email_verified": False}, False),
        ({"email": "ada@example.org", "email_verified": "true"}, False),  # as a proxy's header would say
        ({"email": "ada@example.org"}, False),
        ({"email": "eve@example.org", "email_verified": True}, False),
        ({"email": "", "email_verified": True}, False),
        ({"email": None, "email_verified": True}, False),
        ({}, False),
    ],
)
def test_with_a_login_the_owners_are_named_by_a_verified_address(user, is_owner, visitor, monkeypatch):
    monkeypatch.setenv(settings.OWNERS.name, "ada@example.org, bob@example.org,")
    visitor(user=user)
    assert owner.is_owner() is is_owner
    monkeypatch.delenv(settings.OWNERS.name)
    assert not owner.is_owner()
