"""How far a job is: a bar on a terminal, else a line a minute."""

from __future__ import annotations

import time

from core.bulk.entries import Tally
from core.terminal import Speaker
from core.text import plural

BAR_EVERY_S, LINE_EVERY_S = 0.2, 60.0
_WIDTH, _LEAST_WIDTH = 24, 8  # characters of the bar
_WIDE = 10_000  # characters of what need not be written over


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
        if self._is_bar:
            self._speaker.say(f"\r\x1b[K{self._bar(self._speaker.columns - 1)}", "")
        else:
            self._speaker.say("; ".join(self._words()))

    def close(self) -> None:
        """The last state stays on the screen, all of it."""
        if self._is_bar:
            self._speaker.say(f"\r\x1b[K{self._bar(_WIDE)}")
        else:
            self._speaker.say("; ".join(self._words()))

    def _bar(self, room: int) -> str:
        """In so many characters: a line that wraps could not be written over."""
        how_far, counts = self._words()
        for text in (f"{how_far}; {counts}", how_far):
            width = min(_WIDTH, room - len(text) - 3)
            if width >= _LEAST_WIDTH:
                filled = int(self._done / max(self._total, 1) * width)
                return f"[{'#' * filled}{'.' * (width - filled)}] {text}"
        return how_far[:room]

    @property
    def _done(self) -> int:
        return self._before + self.tally.pictures

    def _words(self) -> tuple[str, str]:
        """How far it is, and what came of it."""
        done, share = self._done, self._done / max(self._total, 1)
        left = f"{_duration((self._total - done) / self.rate)} left" if self.tally.pictures else "starting"
        when = " in this session" if self._before else ""
        return (
            f"{done:,} of {plural(self._total, 'picture')} ({share:.0%}), {self.rate:.1f} a second, {left}",
            f"{plural(self.tally.faces, 'face')}, {plural(self.tally.failures, 'failure')}{when}",
        )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
