"""People, not frames: who is in view, who has been, and what was said of them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.labels import Worn, appearance
from core.results import FaceResult
from core.video.analysis import Person

HISTORY = 300  # seconds: "the last minutes"
MOST_EVENTS = 10_000  # a door's day; some 2 MB. Older ones make room
ALERT = "alert"  # stands where an event has a label
MOST_PEOPLE = 100_000  # ids remembered to count answers; a few MB


@dataclass(frozen=True, slots=True)
class Event:
    """An answer that has stood for a while, or an alert, which is nobody's.

    `confidence` is NaN when it cannot be told. `subtype` is how a mask is worn wrongly, where that is known.
    """

    time: datetime
    id: int | None
    label: str
    confidence: float = math.nan
    subtype: str | None = None

    @property
    def answer(self) -> str:
        """As the screen says it."""
        return "Alert" if self.label == ALERT and self.id is None else appearance(self.label).short


@dataclass(frozen=True, slots=True)
class Second:
    """What one second held: `now` people in view, `properly` of them with the mask worn properly."""

    time: datetime
    now: int
    properly: int


@dataclass(frozen=True, slots=True)
class PeopleTotals:
    """`so_far` people were seen; of `judged` the wearing was told, `properly` wear their mask properly."""

    now: int
    so_far: int
    judged: int
    properly: int

    @property
    def share(self) -> float:
        """Share of the people judged who wear their mask properly; NaN when nobody was judged."""
        return self.properly / self.judged if self.judged else math.nan


class PeopleCounter:
    """Counts one viewer's people, each once. Not for two threads at once."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque(maxlen=MOST_EVENTS)
        self.history: deque[Second] = deque()
        self._answers: dict[int, str] = {}  # the last that was written down
        self._worn: dict[int, Worn] = {}  # the last that was told: who turns away to leave keeps theirs
        self._now = self._properly = 0
        self.since = datetime.now().astimezone()
        self.alerts = 0
        self.last_alert: datetime | None = None

    def add(self, people: Sequence[Person], now: datetime) -> None:
        """Count the people of one analysed frame. `now` has a time zone."""
        self._now = len(people)
        for person in people:
            if person.settled:
                self._note(person.face, now)
        properly = sum(appearance(person.face.answer).worn == "properly" for person in people)
        second = Second(now.replace(microsecond=0), len(people), properly)
        if self.history and self.history[-1].time == second.time:
            self.history.pop()
        self.history.append(second)
        while (second.time - self.history[0].time).total_seconds() >= HISTORY:
            self.history.popleft()

    def add_alert(self, now: datetime) -> None:
        """Count and log an alert. `now` has a time zone."""
        self.alerts += 1
        self.last_alert = now
        self.events.append(Event(now, None, ALERT))

    def _note(self, face: FaceResult, now: datetime) -> None:
        known = face.track_id in self._answers
        if face.track_id is None or (not known and len(self._answers) >= MOST_PEOPLE):
            return
        if self._answers.get(face.track_id) == face.answer:
            return
        self._answers[face.track_id] = face.answer
        confidence = math.nan if face.cannot_tell else face.prediction.confidence
        subtype = None if face.cannot_tell else face.prediction.subtype
        self.events.append(Event(now, face.track_id, face.answer, confidence, subtype))
        if worn := appearance(face.answer).worn:
            self._properly += (worn == "properly") - (self._worn.get(face.track_id) == "properly")
            self._worn[face.track_id] = worn

    @property
    def totals(self) -> PeopleTotals:
        return PeopleTotals(self._now, len(self._answers), len(self._worn), self._properly)
