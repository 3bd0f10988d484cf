"""Who may read this machine's folders: with a shared server, not every visitor."""

import pytest
import streamlit as st

from ui.server import owner


@pytest.fixture
def server(monkeypatch):
    """Says how the server listens, and what a visitor's request carries."""

    def listens(address, headers=()):
        monkeypatch.setattr(st, "get_option", {"server.address": address}.get)
        monkeypatch.setattr(type(st.context), "headers", {name: "10.0.0.7" for name in headers})

    monkeypatch.delenv(owner.TRUST_VARIABLE, raising=False)
    return listens


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "::1"])
def test_a_server_for_its_own_machine_has_its_owner_before_it(address, server):
    server(address)
    assert owner.is_owner()


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", None, ""])
def test_a_server_for_others_trusts_nobody_unless_told_to(address, server, monkeypatch):
    server(address)
    assert not owner.is_owner()
    monkeypatch.setenv(owner.TRUST_VARIABLE, "1")
    assert owner.is_owner()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-Ip"])
def test_a_visitor_through_a_proxy_is_not_the_owner(header, server):
    server("localhost", [header])
    assert not owner.is_owner()
