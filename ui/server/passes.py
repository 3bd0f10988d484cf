"""Who has said the password, for how long, and how often it may be tried: on the server's event loop."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import time
from collections import OrderedDict

LASTS = 12 * 3600.0  # seconds: a long shift
MANY = 10_000  # visitors, and addresses, that are remembered


class Passes:
    """Of each one that is out, the hash and the time at which it ends."""

    def __init__(self) -> None:
        self._ends: OrderedDict[bytes, float] = OrderedDict()

    def give(self, now: float | None = None) -> str:
        token = secrets.token_urlsafe(32)
        self._ends[_hidden(token)] = (time.monotonic() if now is None else now) + LASTS
        while len(self._ends) > MANY:
            self._ends.popitem(last=False)
        return token

    def holds(self, token: str | None, now: float | None = None) -> bool:
        now = time.monotonic() if now is None else now
        return bool(token) and self._ends.get(_hidden(token or ""), 0.0) > now

    def take_back(self, token: str) -> None:
        self._ends.pop(_hidden(token), None)


def _hidden(token: str) -> bytes:
    """Hashes are looked up, so that the time it takes tells nothing of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


class Tries:
    """`burst` at once, then one more in every `seconds`: for each address, and more generously for all."""

    def __init__(
        self, burst: int = 5, seconds: float = 30.0, burst_of_all: int = 60, seconds_of_all: float = 1.0
    ):
        self._each, self._all = (burst, seconds), (burst_of_all, seconds_of_all)
        self._free: OrderedDict[str, float] = OrderedDict()  # when all tries are free again

    def wait(self, address: str, now: float | None = None) -> float:
        """Seconds to wait before another one; none, and it is counted, where it may be made now."""
        now = time.monotonic() if now is None else now
        whose = ((_network(address), *self._each), ("", *self._all))
        longest = max(
            self._free.get(name, now) - now - (burst - 1) * seconds for name, burst, seconds in whose
        )
        if longest > 0:
            return longest
        for name, _, seconds in whose:
            self._free[name] = max(self._free.get(name, now), now) + seconds
            self._free.move_to_end(name)
        while len(self._free) > MANY:
            self._free.popitem(last=False)
        return 0.0

    def succeeded(self, address: str) -> None:
        """It does not count: many may share an address, and all of them come in the morning."""
        for name, (_, seconds) in ((_network(address), self._each), ("", self._all)):
            if name in self._free:
                self._free[name] -= seconds


def _network(address: str) -> str:
    """Whose address: a household has 2^64 of the newer kind."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))
