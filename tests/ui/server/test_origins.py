"""Pages of other sites get no answer, and nobody is asked for this server's address."""

from __future__ import annotations

import socket

import pytest
from streamlit import config, net_util
from streamlit.web.server import server_util
from websockets.exceptions import InvalidStatus

from ui.server import addresses, origins
from ui.server.origins import is_trusted

FOREIGN = (
    "https://elsewhere.example",
    "http://localhost:1",  # another app of this machine
    "http://127.0.0.1.elsewhere.example",
    "null",  # a page in a sandbox
    "",
    "http://[",
    "*",
)


@pytest.fixture
def no_sockets(monkeypatch):
    class OpenedError(Exception):
        pass

    def refuse(*_, **__):
        raise OpenedError

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def options(monkeypatch):
    """Sets options of Streamlit as whoever starts the server does."""

    def given(**said):
        for name, value in said.items():
            monkeypatch.setitem(config._config_options, name.replace("_", ".", 1), _option(name, value))

    def _option(name, value):
        import copy

        option = copy.deepcopy(config.get_config_options()[name.replace("_", ".", 1)])
        option.set_value(value, "a test")
        return option

    config.get_config_options()
    return given


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_foreign_page_is_refused(origin, small_server, visit):
    assert small_server.ask("GET", "/_stcore/health", Origin=origin).status == 403
    assert small_server.ask("PUT", "/_stcore/upload_file/a/b", Origin=origin).status == 403
    if origin.startswith("http"):
        with pytest.raises(InvalidStatus) as refused:
            visit(origin=origin)
        assert refused.value.response.status_code == 403
        assert "handshake" not in small_server.log()  # uvicorn would take it for a fault


def test_the_sites_own_page_and_programs_are_answered(small_server, visit):
    assert small_server.ask("GET", "/_stcore/health", Origin=f"http://{small_server.host}").status == 200
    assert small_server.ask("GET", "/_stcore/health").status == 200
    assert visit().run()
    assert visit(origin=None).run()


@pytest.mark.parametrize("origin", FOREIGN)
def test_foreign_means_not_the_name_by_which_the_server_was_asked(origin):
    assert not is_trusted(origin, "masks.example:8501")
    assert is_trusted("https://Masks.example:8501", "masks.example:8501")


def test_other_pages_are_trusted_by_option(options):
    options(server_corsAllowedOrigins=["https://ours.example"])
    assert is_trusted("https://ours.example", "localhost:8501")
    assert not is_trusted("http://ours.example", "localhost:8501")
    options(browser_serverAddress="masks.example")
    assert is_trusted("https://masks.example", "localhost:8501")
    assert not is_trusted("https://elsewhere.example", "localhost:8501")


def test_nobody_is_asked_for_an_address(monkeypatch, options, no_sockets):
    """Also not when an origin that the middleware trusts comes to Streamlit's own check."""
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)
    monkeypatch.setattr(net_util, "get_internal_ip", net_util.get_internal_ip)
    origins.ask_nobody()
    assert not server_util.is_url_from_allowed_origins("https://elsewhere.example")
    options(server_corsAllowedOrigins=["https://ours.example"])
    assert server_util.is_url_from_allowed_origins("https://ours.example")


# --- where the server is found -------------------------------------------------------------------


def test_streamlits_greeting_which_asks_is_off():
    assert config.get_option("logger.hideWelcomeMessage") is True


@pytest.mark.parametrize("address", ["0.0.0.0", "::", ""])
def test_a_shared_server_names_its_addresses_without_asking(address, options, monkeypatch):
    monkeypatch.setattr(addresses, "_in_networks", lambda: ["192.168.1.5"])
    options(server_address=address, server_port=8600)
    assert addresses.addresses() == ["http://localhost:8600", "http://192.168.1.5:8600"]


def test_a_server_that_listens_at_one_address_names_that(options):
    options(server_address="10.1.2.3", server_port=8600)
    assert addresses.addresses() == ["http://10.1.2.3:8600"]
    options(server_address="::1")
    assert addresses.addresses() == ["http://[::1]:8600"]
    options(browser_serverAddress="masks.example")
    assert addresses.addresses() == ["http://masks.example:8600"]


def test_this_machines_addresses_are_others_too():
    for ip in addresses._in_networks():
        assert not ip.startswith(("127.", "169.254."))


def test_it_is_printed_at_the_start(small_server):
    assert f"http://localhost:{small_server.host.rpartition(':')[2]}" in small_server.log()
