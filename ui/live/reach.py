"""Whom the server's end of a WebRTC connection speaks to, and by which of its own addresses.

A browser's offer names addresses to try, and whoever writes one by hand could have the server knock at any
door of its network. So only the address that the visitor's own page comes from is spoken to, and the relays
that the operator has set. Of this machine's addresses only that is used and told which leads to the visitor.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from starlette.websockets import WebSocket

from core.errors import SettingsError

LOOPBACK = ("127.0.0.1", "::1")
_OF_PROXIES = ("forwarded", "x-forwarded-for", "x-real-ip")
_RESOLVED_FOR = 300  # seconds


@dataclass(frozen=True, slots=True)
class NetworkReach:
    """Of one visitor: `peers` are spoken to and nobody else. `own` are this machine's addresses that are
    used, and told the visitor if `told`.
    """

    peers: frozenset[str]
    own: tuple[str, ...]
    told: bool = True

    def includes(self, address: str) -> bool:
        return canonical(address) in self.peers


THIS_MACHINE = NetworkReach(frozenset(LOOPBACK), LOOPBACK[:1])


def canonical(address: str) -> str | None:
    """One spelling for one IP address, None if it is none: a name is never looked up."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def telling_address(websocket: WebSocket) -> str | None:
    """The visitor's address, None where it tells no visitors apart: of this machine, or of a proxy on it."""
    address = _client(websocket)
    return None if address is None or ipaddress.ip_address(address).is_loopback else address


def reach_of(websocket: WebSocket, ice_servers: Sequence[dict[str, Any]] = ()) -> NetworkReach:
    """May look up the names of relays: not for the event loop. Raises `SettingsError` where nobody could be
    spoken to: behind a proxy that hides who comes, without a relay.
    """
    address = telling_address(websocket)
    relays = _relays(tuple(_turn_hosts(ice_servers)), int(time.monotonic() // _RESOLVED_FOR))
    if address is not None:
        own = _way_to(address)
        told = own is not None and not (_is_public(address) and not _is_public(own))
        return NetworkReach(relays | {address}, (own,) if own else (), told)
    if _sits_here(websocket):
        return NetworkReach(relays | set(_own_addresses()) | set(LOOPBACK), LOOPBACK[:1])
    if not relays:
        raise SettingsError("A proxy hides the visitors' addresses, so WebRTC needs a TURN server.")
    return NetworkReach(relays, tuple(filter(None, map(_way_to, sorted(relays)[:1]))), told=False)


def _client(websocket: WebSocket) -> str | None:
    return canonical(websocket.client.host) if websocket.client else None


def _sits_here(websocket: WebSocket) -> bool:
    """Whether the browser runs on this machine, and no proxy on it hands somebody else's messages on."""
    if any(name in websocket.headers for name in _OF_PROXIES):
        return False
    names = [f"//{websocket.headers.get('host', '')}", websocket.headers.get("origin", "")]
    try:
        return all(urlsplit(name).hostname in ("localhost", *LOOPBACK) for name in names)
    except ValueError:
        return False


def _way_to(address: str) -> str | None:
    """This machine's own address from which `address` is reached. Nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((address, 9))
            return canonical(asking.getsockname()[0])
    except OSError:
        return None


def _is_public(address: str) -> bool:
    return ipaddress.ip_address(address).is_global


def _own_addresses() -> Iterable[str]:
    from aioice import ice  # takes a while to import, and is seldom wanted

    return filter(None, map(canonical, ice.get_host_addresses(use_ipv4=True, use_ipv6=True)))


def _turn_hosts(ice_servers: Sequence[dict[str, Any]]) -> Iterable[str]:
    for server in ice_servers:
        urls = server["urls"]
        for url in [urls] if isinstance(urls, str) else urls:
            scheme, _, rest = url.partition(":")
            if scheme in ("turn", "turns"):
                host = urlsplit(f"//{rest}").hostname
                if host:
                    yield host


@lru_cache(maxsize=16)
def _relays(hosts: tuple[str, ...], _now: int) -> frozenset[str]:
    """Addresses of the operator's relays."""
    found: set[str] = set()
    for host in hosts:
        try:
            found |= {str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)}
        except OSError:  # named and told of in the settings; the others may do
            continue
    return frozenset(filter(None, map(canonical, found)))
