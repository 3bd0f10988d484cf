"""How many work at once: as many as there are cores. Others wait, first come first."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_UP = 0.2  # seconds between two calls of `waiting`


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Turns:
    """Safe from any thread. Not to be taken twice by one."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._queue: deque[object] = deque()  # the first `count` of it are at work
        self._moved = threading.Condition()

    @contextmanager
    def turn(self, waiting: Callable[[int], object] = lambda before: None) -> Iterator[None]:
        """Wait until it is one's turn, and have it.

        Meanwhile `waiting` is called with the number of those who come before; what it raises ends the wait.
        """
        me = object()
        with self._moved:
            self._queue.append(me)
        try:
            while before := self._before(me):
                waiting(before)
            yield
        finally:
            with self._moved:
                self._queue.remove(me)
                self._moved.notify_all()

    def _before(self, me: object) -> int:
        """How many have to end before it is the turn of `me`, after a moment's wait for them."""
        with self._moved:
            self._moved.wait_for(lambda: self._place(me) == 0, LOOK_UP)
            return self._place(me)

    def _place(self, me: object) -> int:
        return max(0, self._queue.index(me) + 1 - self.count)
