"""When to call for attention: enough people without a properly worn mask, for long enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.labels import appearance
from core.video.analysis import Person


@dataclass(frozen=True, slots=True)
class AlertRule:
    """Alert when `people` or more wear no mask, or wear it wrong, for `seconds`; then rest for `cooldown`."""

    people: int = 1
    seconds: float = 2.0
    cooldown: float = 30.0


class Alert:
    """Follows one viewer's people. A person of whom nothing can be told never counts."""

    SHOWN = 5.0  # seconds for which an alert stays on the screen
    UNSEEN = 1.5  # seconds without a picture after which nobody knows what was there

    def __init__(self) -> None:
        self._since: float | None = None
        self._last = (AlertRule(), -float("inf"))
        self._fired = -float("inf")
        self.number = 0

    def update(self, rule: AlertRule, people: Sequence[Person], t: float) -> bool:
        """Whether an alert goes off at `t` seconds, on the clock of the frames; it is counted then."""
        wrong = sum(appearance(p.face.answer).worn not in ("properly", None) for p in people)
        (before, seen), self._last = self._last, (rule, t)
        if before != rule or t - seen > self.UNSEEN:
            self._since = None
        if wrong < rule.people:
            self._since = None
            return False
        self._since = t if self._since is None else self._since
        if t - self._since < rule.seconds or t - self._fired < rule.cooldown:
            return False
        self._fired = t
        self.number += 1
        return True

    def is_shown(self, t: float) -> bool:
        """For some seconds, but no longer than the rule holds: the screen must not contradict itself."""
        return self._since is not None and t - self._fired < self.SHOWN
