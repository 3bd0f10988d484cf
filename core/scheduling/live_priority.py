"""Photos give way to live video: somebody at a door waits for an answer now, a photo may take a while longer.

While live pictures are analysed, what is done for photos in this process goes step by step: one at a time,
with a pause after each. Decoding gives way by its process's priority, see `core.images.decoder_main`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from core.scheduling.cancellation import checkpoint

PAUSE = 6.0  # times as long as the step took: so much of the time is left to live video alone
LIVE_FOR = 1.0  # seconds after a live picture in which the next is expected
_LOOK_UP = 0.02  # seconds

_is_live: ContextVar[bool] = ContextVar("is_live", default=False)


class LiveFirst:
    """Safe from any thread."""

    def __init__(self) -> None:
        self._last_live = float("-inf")
        self._free_at = float("-inf")
        self._aside = threading.Semaphore()

    @contextmanager
    def live(self) -> Iterator[None]:
        """What is done within is for live video, and waits for nothing."""
        token = _is_live.set(True)
        self._last_live = time.monotonic()
        try:
            yield
        finally:
            self._last_live = time.monotonic()
            _is_live.reset(token)

    @contextmanager
    def step(self) -> Iterator[None]:
        """A step of some tenths of a second: at once for live video or where there is none, else in turn.

        Comes to a `checkpoint`, again and again while it waits.
        """
        checkpoint()
        if _is_live.get() or not self._is_on():
            yield
            return
        while not self._aside.acquire(timeout=_LOOK_UP):
            checkpoint()
        try:
            while self._is_on() and time.monotonic() < self._free_at:
                time.sleep(_LOOK_UP)
                checkpoint()
            start = time.monotonic()
            yield
            now = time.monotonic()
            self._free_at = now + PAUSE * (now - start)
        finally:
            self._aside.release()

    def _is_on(self) -> bool:
        return time.monotonic() - self._last_live < LIVE_FOR


LIVE_FIRST = LiveFirst()
