"""How often something happens."""

from __future__ import annotations

from collections import deque

RATE_WINDOW = 2.0  # seconds over which events are counted
MOST_EVENTS = 300  # in that time


class EventRate:
    """Events a second over the last `RATE_WINDOW` seconds. Times are seconds of the caller's clock."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=MOST_EVENTS)

    def add(self, t: float) -> None:
        self._times.append(t)

    def at(self, t: float) -> float:
        recent = [time for time in self._times.copy() if t - time < RATE_WINDOW]
        return len(recent) / RATE_WINDOW
