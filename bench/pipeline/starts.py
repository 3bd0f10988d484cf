"""Cold starts: each program in fresh processes, turn by turn, up to its first answer; and its memory."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.pipeline.comparison import spread
from bench.pipeline.programs import Family
from bench.pipeline.scenes import wall
from core.models import SHIPPED

FIRST, LARGE = (8, (1280, 720)), (32, (4000, 3000))  # faces, and pixels
HEAD = (
    "program",
    "import, s",
    "loading, s",
    "first answer, s",
    "together, s",
    "ratio",
    "memory, MB",
    "with 12 megapixels, MB",
)


@dataclass(frozen=True, slots=True)
class Start:
    """One process: seconds of each step, and its peak of memory after the first answer and after large ones.

    Memory is None where the system does not tell.
    """

    imported: float
    loaded: float
    answered: float
    mb: float | None
    large_mb: float | None

    @property
    def seconds(self) -> float:
        return self.imported + self.loaded + self.answered


@dataclass(frozen=True, slots=True)
class Starts:
    """Those of one family's first program."""

    program: str
    each: tuple[Start, ...]

    def cells(self, first: Starts) -> list[str]:
        steps = [[getattr(one, step) for one in self.each] for step in ("imported", "loaded", "answered")]
        seconds, firsts = ([one.seconds for one in some.each] for some in (self, first))
        ratio = statistics.median(seconds) / statistics.median(firsts)
        memory = [[mb for one in self.each if (mb := getattr(one, which))] for which in ("mb", "large_mb")]
        return [
            self.program,
            *(spread(step, 2) for step in (*steps, seconds)),
            f"{ratio:.2f}",
            *(f"{statistics.median(peaks):.0f}" if peaks else "not told" for peaks in memory),
        ]


def starts(of: Sequence[Family], repeat: int) -> list[Starts]:
    """The first program of each family, `repeat` times. Raises `RuntimeError` where one does not answer."""
    seen: list[list[Start]] = [[] for _ in of]
    with tempfile.TemporaryDirectory() as folder:
        pictures = [Path(folder, name) for name in ("first.jpg", "large.jpg")]
        for path, (faces, size) in zip(pictures, (FIRST, LARGE), strict=True):
            path.write_bytes(wall(faces, size).content)
        for _ in range(repeat):
            for family, mine in zip(of, seen, strict=True):
                mine.append(start(family, *pictures))
    return [Starts(family.name, tuple(mine)) for family, mine in zip(of, seen, strict=True)]


def start(family: Family, first: Path, large: Path) -> Start:
    """One start, with the time of this process's clock: interpreter, libraries and all."""
    files = [str(path.resolve()) for path in (first, large, *family.given)]
    command = [sys.executable, "-m", "bench.pipeline.one_start", family.maker, *files]
    at, memory = {}, {}
    with tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        with subprocess.Popen(
            command, cwd=SHIPPED.parent, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process:
            for line in process.stdout or ():
                step, _, mb = line.strip().partition(" ")
                at[step] = time.perf_counter() - began
                memory[step] = float(mb) if mb.replace(".", "").isdigit() else None
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"{family.name} does not start: {errors.read().strip()[-300:]}")
    return Start(
        at["imported"],
        at["loaded"] - at["imported"],
        at["answered"] - at["loaded"],
        memory["memory"],
        memory["memory_large"],
    )
