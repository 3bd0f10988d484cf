"""How many visitors are watched at once: more than the machine can serve would make it bad for all."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Hashable

log = logging.getLogger(__name__)

MAX_VARIABLE = "MASKWISE_MAX_VIEWERS"
DEFAULT_MAX = 4  # what two cores serve at 12 or more answers a second each
KEPT_FOR = 15.0  # seconds without a word after which a seat may go to somebody else


class Seats:
    """Safe from any thread."""

    def __init__(self, count: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.count = count
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: dict[Hashable, float] = {}

    def take(self, sitter: Hashable) -> bool:
        """Whether `sitter` has a seat, now or already. Whoever sits asks again and again."""
        now = self._clock()
        with self._lock:
            self._taken = {s: asked for s, asked in self._taken.items() if now - asked < KEPT_FOR}
            if sitter not in self._taken and len(self._taken) >= self.count:
                return False
            self._taken[sitter] = now
            return True

    def release(self, sitter: Hashable) -> None:
        with self._lock:
            self._taken.pop(sitter, None)

    def __len__(self) -> int:
        with self._lock:
            return len(self._taken)


def _wanted() -> int:
    given = os.environ.get(MAX_VARIABLE) or str(DEFAULT_MAX)
    if not given.isdecimal() or not int(given):
        log.warning("%s is %r, not a number from 1 on; %d may watch.", MAX_VARIABLE, given, DEFAULT_MAX)
        return DEFAULT_MAX
    return int(given)


SEATS = Seats(_wanted())
