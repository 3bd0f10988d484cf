"""A film's own time, made to go forward: time stamps come from the file, which may say anything."""

from __future__ import annotations

import math

TICK = 0.001  # seconds between two pictures that say they are of the same moment
BACK = 0.5  # seconds: who goes back further is another recording, joined to the first
LEAP = 1800.0  # seconds without a picture that nobody sits through: a broken clock
NOMINAL = 0.04  # seconds a picture lasts where the film does not say


class Clock:
    """Seconds since the film's beginning, each later than the one before.

    Small steps back and repeated stamps become the smallest step forward. A large step back or a leap ahead
    is left out: what follows goes on from where the film was. `leaps` holds the place and length of each.
    """

    def __init__(self, zero: float | None, nominal: float = NOMINAL) -> None:
        """`zero` is the stamp of the film's beginning, by default the first one; all in seconds."""
        self._zero = zero
        self._nominal = nominal
        self._raw = -math.inf
        self.last: float | None = None
        self.leaps: list[tuple[float, float]] = []

    def at(self, stamp: float | None) -> float:
        """The time of the next picture. `stamp` is what the file says, None where it says nothing."""
        if stamp is None or not math.isfinite(stamp):
            self.last = 0.0 if self.last is None else self.last + self._nominal
            return self.last
        if self._zero is None:
            self._zero = stamp
        t = stamp - self._zero
        if self.last is None:
            t = max(t, 0.0)
        elif stamp < self._raw - BACK or t - self.last > LEAP:
            self.leaps.append((self.last, t - self.last))
            t = self.last + self._nominal
            self._zero = stamp - t
        self._raw = stamp
        self.last = t if self.last is None else max(t, self.last + TICK)
        return self.last
