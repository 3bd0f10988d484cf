"""What a job is about: pictures by name, wherever they lie, and the parts they are answered in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from core.decision import OperatingPoint

FORMATS = (".parquet", ".csv", ".jsonl")  # of results, by how the file's name ends


@dataclass(frozen=True, slots=True)
class Entry:
    """A picture by where it lies: `source` is a path or an address and, for one in an archive, the archive's,
    and `member`, `at` and `size` are those of `core.files.Member`.

    `problem` says in words why it is not read, else is empty.
    """

    source: str
    member: str = ""
    at: int = 0
    size: int = 0
    problem: str = ""

    @property
    def name(self) -> str:
        """As it is called in results: what is not UTF-8 is written as escapes."""
        return shown(f"{self.source}/{self.member}" if self.member else self.source)


def shown(name: str) -> str:
    """A name as text that any file holds: bytes of a path that are no UTF-8 become escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class JobPart:
    """Pictures that are answered together; their rows are one file. Numbered from 0."""

    number: int
    entries: tuple[Entry, ...]

    def without_what_breaks_it(self, is_harmless: Callable[[Entry], bool]) -> JobPart:
        """Each picture that ends its worker is one that is not read."""
        words = "ended each process that opened it. The other pictures are not affected."
        kept = (
            entry if is_harmless(entry) else replace(entry, problem=f"{entry.name}: {words}")
            for entry in self.entries
        )
        return replace(self, entries=tuple(kept))


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """How pictures are checked: see `python -m core check`. `annotate` is a folder for drawn pictures."""

    model: str | None = None
    detector: str | None = None
    min_score: float | None = None
    margin: float | None = None
    annotate: str | None = None
    blur: bool = False


@dataclass(frozen=True, slots=True)
class JobFacts:
    """Who answers: what two runs must share for their rows to be those of one."""

    model: str
    model_sha256: str
    labels: tuple[str, ...]
    detector: str
    detector_sha256: str
    point: OperatingPoint
    min_score: float

    def as_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "model_sha256": self.model_sha256,
            "labels": list(self.labels),
            "detector": self.detector,
            "detector_sha256": self.detector_sha256,
            "operating_point": self.operating_point,
        }

    @property
    def operating_point(self) -> dict[str, float | None]:
        point = self.point
        return {
            "min_margin": point.min_margin,
            "alarm_threshold": point.alarm_threshold,
            "min_score": self.min_score,
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of some pictures: counts."""

    pictures: int = 0
    faces: int = 0
    failures: int = 0
