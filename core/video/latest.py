"""Work on the latest item only, beside whoever brings them: no queue grows, so no answer comes late."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)
Item = TypeVar("Item")


class LatestItemWorker(Generic[Item]):
    """A thread that calls `work` with the latest item offered; one that came before and waits is dropped.

    At most one item every `interval` seconds, so that others get the processor too.

    `work` must not raise: what it lets through is logged, and the next item is worked on.
    """

    def __init__(self, work: Callable[[Item], object], name: str, *, interval: float = 0.0) -> None:
        self._work, self._interval = work, interval
        self._waiting: list[Item] = []
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def offer(self, item: Item) -> bool:
        """Never waits. False when it takes the place of one that nobody has worked on, or after `stop`."""
        with self._changed:
            if self._stopped:
                return False
            fresh = not self._waiting
            self._waiting[:] = [item]
            self._changed.notify()
        return fresh

    def stop(self) -> None:
        """End the thread after the item in work. May be called twice and from any thread."""
        with self._changed:
            self._stopped = True
            self._waiting.clear()
            self._changed.notify()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def _run(self) -> None:
        began = -math.inf
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped, began + self._interval - time.monotonic())
                self._changed.wait_for(lambda: self._waiting or self._stopped)
                if self._stopped:
                    return
                item = self._waiting.pop()
            began = time.monotonic()
            try:
                self._work(item)
            except Exception:
                log.exception("work on one item failed")
            del item  # a picture is not kept while the thread waits for the next
