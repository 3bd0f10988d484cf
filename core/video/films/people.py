"""Who was in a film, when, and how each wore the mask: from its glances, one after another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.labels import CANNOT_TELL, appearance
from core.video.films.best_faces import BestFace
from core.video.films.sightings import Glance

GAP = 2.5  # seconds between two analysed pictures that a sighting may stand for, to either side half
FLICKER = 0.3  # seconds: a shorter answer between two that are the same is theirs
MOMENT = 0.6  # seconds for which an answer stands before and after a change that is worth looking at


@dataclass(frozen=True, slots=True)
class Segment:
    """One answer of one person, from `start` to `end` seconds of the film."""

    start: float
    end: float
    answer: str

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class FilmPerson:
    """Somebody who was seen in a film, from when they came until they went or the scene was cut."""

    id: int
    segments: tuple[Segment, ...]
    best: BestFace | None

    @property
    def start(self) -> float:
        return self.segments[0].start

    @property
    def end(self) -> float:
        return self.segments[-1].end

    @property
    def seconds(self) -> dict[str, float]:
        """By answer, those that occur, the longest first."""
        return seconds_by_answer(self.segments)

    @property
    def label(self) -> str:
        """The answer for most of the time in which something could be told."""
        return label_of(self.segments)

    def as_json(self) -> dict[str, Any]:
        """A person of `python -m core video --json`."""
        return {
            "id": self.id,
            "from": round(self.start, 3),
            "to": round(self.end, 3),
            "label": self.label,
            "seconds": {answer: round(seconds, 3) for answer, seconds in self.seconds.items()},
            "best": self.best
            and {
                "time": round(self.best.at, 3),
                "box": [round(v, 1) for v in self.best.face.detection.box],
                "label": self.best.face.answer,
                "probabilities": self.best.face.prediction.rounded(),
            },
        }


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that is worth looking at: `id` is whose, `words` say what, `at` seconds of the film."""

    at: float
    id: int
    before: str | None
    after: str
    words: str


class PeopleLog:
    """Collects glances. A sighting stands for half of the time to the analysed pictures beside it."""

    def __init__(self) -> None:
        self._people: dict[int, list[Segment]] = {}
        self._held: Glance | None = None
        self._held_from = 0.0

    def add(self, glance: Glance) -> None:
        if self._held is not None:
            apart = glance.at - self._held.at
            half = min(apart, GAP) / 2
            until = self._held.at + half
            if glance.cut_at is not None:
                until = min(max(glance.cut_at, self._held.at), self._held.at + GAP / 2)
            self._count(self._held, self._held_from, until)
            self._held_from = glance.at - half if glance.cut_at is None else max(until, glance.cut_at)
        else:
            self._held_from = glance.at
        self._held = glance

    def close(self, until: float) -> None:
        """The film, or the part that was analysed, ends at `until` seconds."""
        if self._held is not None:
            self._count(self._held, self._held_from, min(max(until, self._held.at), self._held.at + GAP / 2))
        self._held = None

    def _count(self, glance: Glance, start: float, end: float) -> None:
        for face in glance.faces:
            mine = self._people.setdefault(face.track_id or 0, [])
            if mine and mine[-1].answer == face.answer and start - mine[-1].end < FLICKER:
                mine[-1] = Segment(mine[-1].start, end, face.answer)
            else:
                mine.append(Segment(start, end, face.answer))

    def __len__(self) -> int:
        return len(self._people)

    def segments_of(self, track_id: int) -> tuple[Segment, ...]:
        return steady(self._people[track_id])

    def segments(self) -> dict[int, tuple[Segment, ...]]:
        """By person, without answers that flickered."""
        return {track_id: steady(mine) for track_id, mine in self._people.items()}


def steady(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """A short answer between two others that are the same goes into them."""
    kept: list[Segment] = []
    for segment in segments:
        if len(kept) >= 2 and kept[-2].answer == segment.answer and kept[-1].seconds < FLICKER:
            kept.pop()
            kept[-1] = Segment(kept[-1].start, segment.end, segment.answer)
        else:
            kept.append(segment)
    return tuple(kept)


def seconds_by_answer(segments: Iterable[Segment]) -> dict[str, float]:
    """By answer, those that occur, the longest first."""
    found: dict[str, float] = {}
    for segment in segments:
        found[segment.answer] = found.get(segment.answer, 0.0) + segment.seconds
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def label_of(segments: Iterable[Segment]) -> str:
    """The answer for most of the time in which something could be told."""
    seconds = seconds_by_answer(segments)
    return next((answer for answer in seconds if answer != CANNOT_TELL), CANNOT_TELL)


_CHANGES = {
    ("properly", "not"): "takes the mask off",
    ("properly", "wrongly"): "no longer wears the mask properly",
    ("properly", "not_properly"): "no longer wears the mask properly",
    ("wrongly", "not"): "takes the mask off",
    ("not", "properly"): "puts a mask on",
    ("not", "wrongly"): "puts a mask on, but not properly",
    ("wrongly", "properly"): "now wears the mask properly",
    ("not_properly", "properly"): "now wears the mask properly",
}
_COMES = {
    "wrongly": "comes with the mask worn incorrectly",
    "not": "comes without a mask",
    "not_properly": "comes without a mask worn properly",
}


def moments_of(people: Iterable[FilmPerson]) -> list[Moment]:
    """When somebody comes without a mask, or changes how it is worn, in the order of the film."""
    found = []
    for person in people:
        before: Segment | None = None
        for segment in person.segments:
            worn = appearance(segment.answer).worn
            if worn is None or segment.seconds < MOMENT:
                continue
            was = before and appearance(before.answer).worn
            words = _CHANGES.get((str(was), worn)) if before else _COMES.get(worn)
            if words:
                answer = before.answer if before else None
                found.append(Moment(segment.start, person.id, answer, segment.answer, words))
            before = segment
    return sorted(found, key=lambda moment: (moment.at, moment.id))


def people_words(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def clock_words(seconds: float) -> str:
    """A time of a film as people read it: 0:07.5, or 1:02:07.5."""
    tenths = round(max(seconds, 0.0) * 10)
    hours, minutes = tenths // 36_000, tenths // 600 % 60
    rest = f"{tenths // 10 % 60:02d}.{tenths % 10}"
    return f"{hours}:{minutes:02d}:{rest}" if hours else f"{minutes}:{rest}"
