"""How many visitors are watched at once: more than the machine can serve would make it bad for all."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger(__name__)

MAX_VARIABLE = "MASKWISE_MAX_VIEWERS"
DEFAULT_MAX = 4  # what two cores serve at 12 or more answers a second each
KEPT_FOR = 15.0  # seconds without a picture after which a seat may go to somebody else


class Sitter(Protocol):
    """Who may hold a seat. `last_frame`: time of the newest picture, on the clock of `Seats`."""

    last_frame: float


class Seats:
    """Safe from any thread."""

    def __init__(self, count: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.count = count
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: dict[Sitter, float] = {}

    def take(self, sitter: Sitter) -> bool:
        """Whether `sitter` has a seat, now or already."""
        now = self._clock()
        with self._lock:
            self._taken = {
                s: since for s, since in self._taken.items() if now - max(since, s.last_frame) < KEPT_FOR
            }
            if sitter not in self._taken and len(self._taken) >= self.count:
                return False
            self._taken[sitter] = now
            return True

    def release(self, sitter: Sitter) -> None:
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
