"""How far a job is: a bar on a terminal, else a line a minute."""

from __future__ import annotations

import time

from core.bulk.entries import Tally
from core.terminal import Speaker
from core.text import plural

BAR_EVERY_S, LINE_EVERY_S = 0.2, 60.0
_WIDTH = 24  # characters of the bar


class JobProgress:
    """`done` pictures of `total` were answered before."""

    def __init__(self, total: int, done: int, speaker: Speaker) -> None:
        self._total, self._before, self._speaker = total, done, speaker
        self._is_bar = speaker.is_terminal
        self._start = time.monotonic()
        self._next = self._start + (0 if self._is_bar else LINE_EVERY_S)
        self.tally = Tally()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start

    @property
    def rate(self) -> float:
        """Pictures a second."""
        return self.tally.pictures / max(self.seconds, 1e-9)

    def add(self, tally: Tally) -> None:
        self.tally = Tally(
            self.tally.pictures + tally.pictures,
            self.tally.faces + tally.faces,
            self.tally.failures + tally.failures,
        )
        self.show()

    def show(self) -> None:
        """If it is time to."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (BAR_EVERY_S if self._is_bar else LINE_EVERY_S)
        start, end = ("\r\x1b[K", "") if self._is_bar else ("", "\n")
        self._speaker.say(f"{start}{self._line()}", end)

    def close(self) -> None:
        """The last state stays on the screen."""
        self._next = 0.0
        self.show()
        if self._is_bar:
            self._speaker.say("")

    def _line(self) -> str:
        done = self._before + self.tally.pictures
        share = done / max(self._total, 1)
        filled = int(share * _WIDTH)
        bar = f"[{'#' * filled}{'.' * (_WIDTH - filled)}] " if self._is_bar else ""
        left = f"{_duration((self._total - done) / self.rate)} left" if self.tally.pictures else "starting"
        when = " in this session" if self._before else ""
        return (
            f"{bar}{done:,} of {plural(self._total, 'picture')} ({share:.0%}), {self.rate:.1f} a second, "
            f"{left}; {plural(self.tally.faces, 'face')}, {plural(self.tally.failures, 'failure')}{when}"
        )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
