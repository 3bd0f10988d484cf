"""Who is spoken to by WebRTC, from which address, and what of that is told."""

from __future__ import annotations

import socket

import pytest
from starlette.websockets import WebSocket

from core.errors import SettingsError
from ui.live import reach
from ui.live.reach import LOOPBACK, THIS_MACHINE, canonical, reach_of, telling_address

TURN = [{"urls": ["turn:127.0.0.9:3478?transport=udp", "stun:127.0.0.8"]}, {"urls": "turns:[::1]:5349"}]


@pytest.fixture(autouse=True)
def machine(monkeypatch) -> None:
    """One with two addresses, whose way leads by 192.168.1.10 to everybody else."""
    monkeypatch.setattr(reach, "_own_addresses", lambda: ["127.0.0.1", "192.168.1.10", "172.17.0.1"])
    monkeypatch.setattr(reach, "_way_to", lambda address: "192.168.1.10")
    reach._relays.cache_clear()


def visitor(address: str, host="localhost:8501", origin="http://localhost:8501", **headers: str) -> WebSocket:
    said = {"host": host, "origin": origin, **headers}
    coded = [(name.replace("_", "-").encode(), value.encode()) for name, value in said.items()]
    scope = {"type": "websocket", "client": (address, 50000), "headers": coded}
    return WebSocket(scope, None, None)  # type: ignore[arg-type]  # it neither reads nor sends


SITE = {"host": "masks.example", "origin": "https://masks.example"}


def test_a_visitor_of_the_network_is_spoken_to_and_nobody_else():
    found = reach_of(visitor("192.168.1.5", **SITE))
    assert (found.peers, found.own, found.told) == ({"192.168.1.5"}, ("192.168.1.10",), True)
    assert found.includes("192.168.1.5") and found.includes("::ffff:192.168.1.5")
    for other in (
        "192.168.1.6",
        "127.0.0.1",
        "192.168.1.10",
        "masks.example",
        "abc.local",
        "",
        "fe80::1%eth0",
    ):
        assert not found.includes(other)


def test_a_visitor_from_outside_is_not_told_an_address_inside():
    found = reach_of(visitor("8.8.8.8", **SITE))
    assert (found.peers, found.own, found.told) == ({"8.8.8.8"}, ("192.168.1.10",), False)


def test_a_browser_on_this_machine_is_reached_at_any_of_its_addresses_and_told_none_of_them():
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        found = reach_of(visitor(address))
        assert found.peers == {*LOOPBACK, "192.168.1.10", "172.17.0.1"}
        assert found.own == ("127.0.0.1",) and found.told


@pytest.mark.parametrize(
    "headers",
    [
        SITE,
        {"host": "masks.example"},
        {"origin": "https://masks.example"},
        {"x_forwarded_for": "192.168.1.5"},
        {"x_real_ip": "192.168.1.5"},
        {"forwarded": "for=192.168.1.5"},
        {"origin": "http://["},
    ],
)
def test_behind_a_proxy_that_hides_the_visitor_only_relays_are_spoken_to(headers):
    with pytest.raises(SettingsError, match="TURN"):
        reach_of(visitor("127.0.0.1", **headers))
    found = reach_of(visitor("127.0.0.1", **headers), TURN)
    assert found.peers == {"127.0.0.9", "::1"} and not found.told


def test_the_operators_relays_are_spoken_to_too_but_not_a_stun_server():
    assert reach_of(visitor("192.168.1.5"), TURN).peers == {"192.168.1.5", "127.0.0.9", "::1"}


def test_a_relay_whose_name_leads_nowhere_is_left_out(monkeypatch):
    def nowhere(*args, **options):
        raise socket.gaierror

    monkeypatch.setattr(reach.socket, "getaddrinfo", nowhere)
    assert reach_of(visitor("192.168.1.5"), [{"urls": "turn:a.example"}]).peers == {"192.168.1.5"}


def test_addresses_that_tell_visitors_apart():
    assert telling_address(visitor("192.168.1.5")) == "192.168.1.5"
    assert telling_address(visitor("::ffff:192.168.1.5")) == "192.168.1.5"
    for address in ("127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1", "a socket of the file system"):
        assert telling_address(visitor(address)) is None


def test_one_spelling_for_one_address():
    assert canonical("0:0::1") == "::1"
    assert canonical("127.0.0.1") == "127.0.0.1"
    for nothing in ("127.1", "0x7f000001", "2130706433", "localhost", " 127.0.0.1", "127.0.0.1\n"):
        assert canonical(nothing) is None
    assert not THIS_MACHINE.includes("127.0.0.2")


def test_the_way_to_this_machine_is_over_loopback(monkeypatch):
    monkeypatch.undo()
    assert reach._way_to("127.0.0.1") == "127.0.0.1"
    assert all(canonical(address) == address for address in reach._own_addresses())
