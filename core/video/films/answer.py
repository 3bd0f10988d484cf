"""What a film answers: its people, and what is told of the film itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.video.films.people import FilmPerson, Moment, moments_of, seconds_by_answer
from core.video.films.sightings import Sightings


@dataclass(frozen=True, slots=True)
class FilmAnswer:
    """A film, or the part of it that was analysed, from `start` to `end` seconds.

    `frames` is how many of its pictures were read, `analysed` how many of these were looked at. `ms` holds
    milliseconds by stage, of all pictures together: decode, detect, track, classify, draw, encode. `notes`
    are sentences about the film that whoever reads the answer should know. `is_whole`: nobody stopped it.
    """

    name: str
    size: tuple[int, int]
    start: float
    end: float
    frames: int
    analysed: int
    people: tuple[FilmPerson, ...]
    sightings: Sightings
    model: str
    detector: str
    notes: tuple[str, ...] = ()
    ms: Mapping[str, float] = field(default_factory=dict)
    is_whole: bool = True

    @property
    def counts(self) -> dict[str, int]:
        """People by label, labels that occur only."""
        found: dict[str, int] = {}
        for person in self.people:
            found[person.label] = found.get(person.label, 0) + 1
        return found

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of all people together by answer, the longest first."""
        return seconds_by_answer(segment for person in self.people for segment in person.segments)

    @property
    def moments(self) -> list[Moment]:
        """What is worth looking at, in the order of the film."""
        return moments_of(self.people)

    def as_json(self, video: str) -> dict[str, Any]:
        """What `python -m core video --json` prints; `video` is the path as it was given."""
        return {
            "video": video,
            "width": self.size[0],
            "height": self.size[1],
            "seconds": round(self.end - self.start, 3),
            "frames": self.frames,
            "analysed": self.analysed,
            "people": [person.as_json() for person in self.people],
            "counts": self.counts,
            "ms": {stage: round(ms, 1) for stage, ms in self.ms.items()},
            "from": round(self.start, 3),
            "moments": [
                {"time": round(m.at, 3), "id": m.id, "from": m.before, "to": m.after} for m in self.moments
            ],
            "model": self.model,
            "detector": self.detector,
            "complete": self.is_whole,
            "notes": list(self.notes),
        }
