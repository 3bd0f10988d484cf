"""Programs over the same pictures, turn by turn: milliseconds, and faces found and named rightly."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.pipeline.programs import Program
from bench.pipeline.scenes import LabelledScene

HEAD = ("pictures", "program", "ms", "ratio", "found", "right", "extra", "ms a face found")


@dataclass(frozen=True, slots=True)
class Row:
    """One program's answers to some scenes: milliseconds a scene, sorted, and counts of faces.

    `megapixels` is None for pictures of any size.
    """

    scenes: str
    program: str
    ms: tuple[float, ...]
    faces: int
    found: int
    right: int | None
    extra: int
    megapixels: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.ms)

    def cells(self, first: Row) -> list[str]:
        found = f"{self.median / self.found:.1f}" if self.found else "none"
        return [
            self.scenes,
            self.program,
            spread(self.ms, 1),
            f"{self.median / first.median:.2f}",
            f"{self.found} of {self.faces}",
            "names none" if self.right is None else f"{self.right} of {self.faces}",
            str(self.extra),
            found,
        ]


def spread(figures: Sequence[float], digits: int) -> str:
    """The median, in brackets the quartiles."""
    quartiles = statistics.quantiles(figures, n=4) if len(figures) > 1 else [figures[0]] * 3
    low, high = (f"{one:.{digits}f}" for one in (quartiles[0], quartiles[2]))
    return f"{statistics.median(figures):.{digits}f} ({low} to {high})"


def compare(of: Sequence[Program], named: str, pictures: Sequence[LabelledScene], repeat: int) -> list[Row]:
    """Every program over every picture, `repeat` times, turn by turn; the first turn is not timed."""
    counts = {one.name: [0, 0, 0] for one in of}
    names_some = dict.fromkeys(counts, False)
    for scene in pictures:
        for one in of:
            seen = one.answer(scene.content)
            names_some[one.name] |= any(face.properly is not None for face in seen)
            for i, count in enumerate(scene.score(seen)):
                counts[one.name][i] += count
    times: dict[str, list[float]] = {one.name: [] for one in of}
    for _ in range(repeat):
        for scene in pictures:
            for one in of:
                start = time.perf_counter()
                one.answer(scene.content)
                times[one.name].append((time.perf_counter() - start) * 1000)
    faces = sum(len(scene.truth) for scene in pictures)
    (megapixels, *others) = {scene.megapixels for scene in pictures}
    return [
        Row(
            named,
            name,
            tuple(sorted(times[name])),
            faces,
            found,
            right if names_some[name] else None,
            extra,
            None if others else megapixels,
        )
        for name, (found, right, extra) in counts.items()
    ]
