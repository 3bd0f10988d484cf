"""What `check` prints, a picture at a time: for people, as JSON, or as CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Protocol

from core.commands.pictures import LONGEST_NAME
from core.commands.words import described
from core.exports import tables
from core.results import Result
from core.text import printable


class Printer(Protocol):
    def answered(self, image: str, result: Result) -> None: ...

    def failed(self, image: str, problem: Exception) -> None:
        """`image` could not be read."""


class AsText:
    def answered(self, image: str, result: Result) -> None:
        print(f"{printable(image, LONGEST_NAME)}: {described(result)}", flush=True)

    def failed(self, image: str, problem: Exception) -> None:
        print(f"{printable(image, LONGEST_NAME)}: error: {problem}", flush=True)


class AsJson:
    """A line each."""

    def answered(self, image: str, result: Result) -> None:
        print(json.dumps(result.as_json(image)), flush=True)

    def failed(self, image: str, problem: Exception) -> None:
        print(json.dumps({"image": image, "error": str(problem)}), flush=True)


class AsCsv:
    """A header, then a row a face, as the app's download."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = labels
        print(tables.line(tables.columns(labels)), end="")

    def answered(self, image: str, result: Result) -> None:
        for cells in tables.rows(image, result, self._labels):
            print(tables.line(cells), end="", flush=True)

    def failed(self, image: str, problem: Exception) -> None:
        print(tables.line(tables.problem_row(image, str(problem), self._labels)), end="", flush=True)
