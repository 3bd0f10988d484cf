"""People, not frames: who is in view, who has been, and what was said of them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.labels import appearance
from core.live import Person

HISTORY = 300  # seconds: "the last minutes"
MOST_EVENTS = 10_000  # a door's day; some 2 MB. Older ones make room
MOST_PEOPLE = 100_000  # ids remembered to count answers; a few MB


@dataclass(frozen=True, slots=True)
class Event:
    """An answer that has stood for a while. `confidence` is NaN when it cannot be told."""

    time: datetime
    id: int
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Second:
    """What one second held: `now` people in view, `properly` of them with the mask worn properly."""

    time: datetime
    now: int
    properly: int


@dataclass(frozen=True, slots=True)
class Count:
    """`so_far` people were seen; of `judged` the wearing was told, `properly` wear their mask properly."""

    now: int
    so_far: int
    judged: int
    properly: int

    @property
    def share(self) -> float:
        """Share of the people judged who wear their mask properly; NaN when nobody was judged."""
        return self.properly / self.judged if self.judged else math.nan


class Census:
    """One viewer's people. Not for two threads at once."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque(maxlen=MOST_EVENTS)
        self.history: deque[Second] = deque(maxlen=HISTORY)
        self._labels: dict[int, str] = {}
        self._now = 0

    def add(self, people: Sequence[Person], now: datetime) -> None:
        """Count the people of one analysed frame. `now` has a time zone."""
        self._now = len(people)
        for person in people:
            face = person.face
            if face.track_id is None or not person.settled or self._labels.get(face.track_id) == face.answer:
                continue
            if face.track_id not in self._labels and len(self._labels) >= MOST_PEOPLE:
                continue
            self._labels[face.track_id] = face.answer
            confidence = math.nan if face.cannot_tell else face.prediction.probability
            self.events.append(Event(now, face.track_id, face.answer, confidence))
        second = Second(
            now.replace(microsecond=0),
            len(people),
            sum(appearance(person.face.answer).worn == "properly" for person in people),
        )
        if self.history and self.history[-1].time == second.time:
            self.history.pop()
        self.history.append(second)

    @property
    def count(self) -> Count:
        judged = [worn for label in self._labels.values() if (worn := appearance(label).worn)]
        return Count(self._now, len(self._labels), len(judged), judged.count("properly"))
