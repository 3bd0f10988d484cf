"""How many live sessions are analysed at once: more than the machine can serve would make it bad for all."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Hashable

log = logging.getLogger(__name__)

MAX_VARIABLE = "MASKWISE_MAX_VIEWERS"
DEFAULT_MAX = 4  # what two cores serve at 12 or more answers a second each
KEPT_FOR = 15.0  # seconds without a picture after which a slot may go to somebody else


class SessionSlots:
    """Safe from any thread."""

    def __init__(self, count: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.count = count
        self._clock = clock
        self._lock = threading.Lock()
        self._taken: dict[Hashable, float] = {}  # when each session's last picture came

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
        self._taken = {s: newest for s, newest in self._taken.items() if now - newest < KEPT_FOR}
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


def _wanted() -> int:
    given = os.environ.get(MAX_VARIABLE) or str(DEFAULT_MAX)
    if not given.isdecimal() or not int(given):
        log.warning("%s is %r, not a number from 1 on; %d may watch.", MAX_VARIABLE, given, DEFAULT_MAX)
        return DEFAULT_MAX
    return int(given)


SESSION_SLOTS = SessionSlots(_wanted())
