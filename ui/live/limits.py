"""What one visit may ask of the live socket, over all its connections."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

MAX_RATE = 90.0  # messages a second: a camera's 60 pictures and some questions
BURST = 90.0  # messages that may come at once after a pause
OFFERS_RATE = 0.5  # of WebRTC, a second: each makes keys and opens sockets
OFFERS_BURST = 10.0
MAX_UNREADABLE = 20  # pictures one after the other; a browser's own can all be read


class Allowance:
    """A token bucket: `rate` messages a second, `burst` at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._left, self._last = burst, time.monotonic()

    def spend(self, now: float) -> bool:
        self._left = min(self._burst, self._left + (now - self._last) * self._rate)
        self._last = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class VisitLimits:
    """Of one visit. A new connection starts none of it anew, and ends the wait of the one before."""

    def __init__(self) -> None:
        self.messages = Allowance(MAX_RATE, BURST)
        self.offers = Allowance(OFFERS_RATE, OFFERS_BURST)
        self.turn = asyncio.Lock()  # else one visitor with many connections could take all threads
        self.unreadable = 0  # pictures since the last that could be read
        self.waiting: asyncio.Timeout | None = None  # of the newest connection, for its next message

    def stop_waiting(self) -> None:
        if self.waiting is not None:
            with suppress(RuntimeError):  # it does not wait
                self.waiting.reschedule(0)
