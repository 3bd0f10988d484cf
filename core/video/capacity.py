"""How many live sessions are analysed at once: more than the machine can serve would make it bad for all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from functools import cached_property

from core import settings

KEPT_FOR = 15.0  # seconds without a picture after which a slot may go to somebody else


class SessionSlots:
    """As many as the operator set, unless `count` is given. Safe from any thread."""

    def __init__(self, count: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._count = count
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: dict[Hashable, float] = {}  # when each session's last picture came

    @cached_property
    def count(self) -> int:
        """Read at the first use: an import raises nothing, and `settings.check` has the first word."""
        return settings.MAX_VIEWERS.get() if self._count is None else self._count

    def take(self, session: Hashable) -> bool:
        """Whether `session`, of which a picture could be read, has a slot now or already."""
        with self._lock:
            room = self._has_room(session)
            if room:
                self._taken[session] = self._clock()
            return room

    def has_room(self, session: Hashable) -> bool:
        """Whether `session` has a slot or would get one."""
        with self._lock:
            return self._has_room(session)

    def _has_room(self, session: Hashable) -> bool:
        now = self._clock()
        self._taken = {s: last for s, last in self._taken.items() if now - last < KEPT_FOR}
        return session in self._taken or len(self._taken) < self.count

    def release(self, session: Hashable) -> None:
        with self._lock:
            self._taken.pop(session, None)

    def __contains__(self, session: Hashable) -> bool:
        with self._lock:
            return session in self._taken

    def __len__(self) -> int:
        with self._lock:
            return len(self._taken)


SESSION_SLOTS = SessionSlots()
