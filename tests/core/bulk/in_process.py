"""An engine for tests: parts answered in this process, and stopped where a test wants it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.bulk import Checker, CheckOptions, JobFacts, JobPlan, Tally
from core.images import to_jpeg
from core.mask_rendering import sample_frame

OPTIONS = CheckOptions(detector="haar")  # quick, and sure of the astronaut
ONE_FACE = to_jpeg(sample_frame("no_mask").rgb[:240, 100:340])
NO_FACE = to_jpeg(sample_frame("no_mask").rgb[300:400, :100])


class InProcess:
    """Stops as Ctrl-C does after `parts` parts."""

    def __init__(self, options: CheckOptions = OPTIONS, parts: int = 10**9) -> None:
        self._checker, self._parts = Checker(options), parts
        self.answered: list[int] = []

    def __enter__(self) -> InProcess:
        return self

    def __exit__(self, *_: object) -> None: ...

    def facts(self) -> JobFacts:
        return self._checker.facts

    def run(self, plan: Path, numbers: Sequence[int], folder: Path) -> Iterator[Tally]:
        for number in numbers:
            if len(self.answered) == self._parts:
                raise KeyboardInterrupt
            yield self._checker.check_part(JobPlan(plan).part(number), folder)
            self.answered.append(number)


def make_photos(folder: Path, count: int) -> Path:
    """Pictures with a face, without one, and broken ones."""
    for n in range(count):
        content = NO_FACE if n % 5 == 0 else ONE_FACE if n % 7 else b"broken"
        (folder / f"{n:02d}.jpg").write_bytes(content)
    return folder


def answered(output: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of results and of failures."""
    return rows_in(output), rows_in(output.with_name(f"{output.stem}.failures.parquet"))


def rows_in(path: Path) -> list[dict[str, Any]]:
    """Of a Parquet file of results or failures."""
    rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return rows


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
