"""How much the visits may hold, and when memory is given back that they hold no longer.

`HELD` counts what visitors send and what is made of it, for each visit and for all together. A visit is known
by its Streamlit session's id.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Hashable
from functools import cached_property
from pathlib import Path

from core import settings
from core.errors import NoRoomError

SHARE = 4  # of the machine's memory, all visits together may hold one part in so many
_CONTAINER = Path("/sys/fs/cgroup/memory.max")
MB = 2**20
DOWNLOAD = "download"  # what a visitor takes home: for a minute, and beside the visit's own bytes


class Held:
    """Bytes by visit and by what they are of, bounded: as the operator set it, unless it is given here.

    Safe from any thread.
    """

    def __init__(self, a_visit: int | None = None, in_all: int | None = None) -> None:
        self._a_visit, self._in_all = a_visit, in_all
        self._bytes: defaultdict[str, dict[Hashable, int]] = defaultdict(dict)
        self._lock = threading.Lock()

    @cached_property
    def a_visit(self) -> int:
        """Bytes that one visit may hold."""
        return settings.VISIT_MB.get() * MB if self._a_visit is None else self._a_visit

    @cached_property
    def in_all(self) -> int:
        """Bytes that all visits together may hold."""
        if self._in_all is not None:
            return self._in_all
        return (settings.ALL_VISITS_MB.get() or machine_bytes() // SHARE // MB) * MB

    def hold(self, visit: str, what: Hashable, size: int, *, instead_of: Hashable = None) -> None:
        """Let `visit` hold `size` bytes of `what`, in place of what it held of that and of `instead_of`.

        Raises `NoRoomError`, and then nothing is changed.
        """
        with self._lock:
            mine = self._bytes[visit]
            more = size - mine.get(what, 0) - mine.get(instead_of, 0)
            if more > 0:
                self._check("" if what == DOWNLOAD else visit, more)
            mine.pop(instead_of, None)
            mine[what] = size

    def count(self, visit: str, what: Hashable, size: int) -> None:
        """As `hold` of what is there already, so it is never refused."""
        with self._lock:
            self._bytes[visit][what] = size

    def check(self, visit: str, size: int) -> None:
        """Whether `size` more bytes have room now. Raises `NoRoomError`."""
        with self._lock:
            self._check(visit, size)

    def _check(self, visit: str, more: int) -> None:
        mine = sum(size for what, size in self._bytes.get(visit, {}).items() if what != DOWNLOAD)
        if visit and mine + more > self.a_visit:
            raise NoRoomError(
                f"There is no room for it: one visit may hold {self.a_visit / MB:.0f} MB. All that is here "
                "is kept. Remove pictures that you no longer need, then add it again."
            )
        if self._total() + more > self.in_all:
            raise NoRoomError(
                "There is no room for it: the visitors' pictures fill the memory that this server has for "
                "them. All that is here is kept. Try again in a few minutes."
            )

    def drop(self, visit: str, what: Hashable) -> None:
        with self._lock:
            if visit in self._bytes:
                self._bytes[visit].pop(what, None)
                if not self._bytes[visit]:
                    del self._bytes[visit]

    def drop_visit(self, visit: str) -> None:
        with self._lock:
            self._bytes.pop(visit, None)

    def visits(self) -> set[str]:
        with self._lock:
            return set(self._bytes)

    def total(self) -> int:
        """Bytes of all visits."""
        with self._lock:
            return self._total()

    def _total(self) -> int:
        return sum(sum(mine.values()) for mine in self._bytes.values())


def machine_bytes() -> int:
    """Memory of the machine, or of the container that the server runs in."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(machine, int(_CONTAINER.read_text()))
    except (OSError, ValueError):  # no container, or one without a bound
        return machine


HELD = Held()


AT_MOST_EACH = 3.0  # seconds: it holds everybody up for 0.1 s
_due: list[float] = []  # on the monotonic clock
_last = -AT_MOST_EACH


def give_back_soon() -> None:
    """Have `heap.give_back` run in a second, and again when what runs now has ended. From any thread."""
    soon = max(time.monotonic() + 1, _last + AT_MOST_EACH)
    _due[:] = [soon, soon + 9]


def is_due() -> bool:
    """Whether it is time for `heap.give_back`."""
    global _last
    now = time.monotonic()
    if not _due or now < _due[0]:
        return False
    del _due[0]
    _last = now
    return True
