"""What a job leaves: results, failures, a summary and a report, each written whole or not at all.

The results come last: when they are there, all is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from core.bulk.entries import FORMATS, JobFacts
from core.bulk.report import html_of
from core.bulk.rows import ERROR, FAILURES, schema
from core.bulk.summary import Summary
from core.bulk.tables import writing
from core.errors import JobError
from core.files import written_whole


class Outputs:
    """Where the files of a job are: beside its results, under their name."""

    def __init__(self, results: Path) -> None:
        self.results = results
        self.failures = results.with_suffix(f".failures{results.suffix}")
        self.summary = results.with_suffix(".summary.json")
        self.report = results.with_suffix(".report.html")
        self.parts = results.with_name(f"{results.name}.parts")

    def all(self) -> tuple[Path, ...]:
        return self.results, self.failures, self.summary, self.report, self.parts

    def are_whole(self) -> bool:
        return self.results.exists()

    def require_own(self) -> None:
        """Raises `JobError` where a file of another run, or of somebody, would be written over: `r.csv` and
        `r.parquet` have one summary.
        """
        for suffix in FORMATS:
            other = self.results.with_suffix(suffix)
            if other.name != self.results.name and Outputs(other).parts.exists():
                raise JobError(
                    f"{Outputs(other).parts} is of a run whose summary would be {self.summary.name}, too. "
                    "Name another output."
                )
        there = [path for path in (self.summary, self.failures, self.report) if os.path.lexists(path)]
        if not there:
            return
        try:
            name = json.loads(self.summary.read_text(encoding="utf-8"))["files"]["results"]
        except (OSError, ValueError, TypeError, LookupError):
            name = None
        if name != self.results.name:
            raise JobError(
                f"{there[0]} is there already, and stays as it is: it is not of {self.results.name}. "
                "Name another output, or put it elsewhere."
            )

    def read_summary(self) -> dict[str, Any]:
        """Raises `JobError`."""
        try:
            found = json.loads(self.summary.read_text(encoding="utf-8"))
            if {"run", "answers", "unclear_between", "failures"} <= set(found):
                return dict(found)
        except (OSError, ValueError, TypeError):
            pass
        raise JobError(
            f"{self.results} is there, but {self.summary}, which says what it is of, cannot be read. "
            "Name another output."
        )


class JobResults:
    def __init__(self, outputs: Outputs, facts: JobFacts, about: dict[str, Any]) -> None:
        self._outputs, self._facts, self._about = outputs, facts, about

    def write(self, pictures: Iterable[list[dict[str, Any]]], *, blur: bool) -> dict[str, Any]:
        """All files, of the rows of each picture. The summary. Raises `OSError`."""
        outputs, summary = self._outputs, Summary()
        with self._whole(outputs.results) as results:
            with self._whole(outputs.failures) as failures:
                self._write_tables(pictures, summary, results, failures)
            told = {"schema": 1} | summary.as_json() | self._about | {"files": self._files()}
            with self._whole(outputs.report) as report:
                page = html_of(told, summary.close_calls(), blur=blur)
                report.write_text(page, encoding="utf-8", errors="backslashreplace")
            with self._whole(outputs.summary) as said:
                text = json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False)
                said.write_text(text, encoding="utf-8", errors="backslashreplace")  # which JSON reads back
        return told

    def _whole(self, path: Path) -> AbstractContextManager[Path]:
        """Where to write it: among the parts, where what a kill leaves is tidied up."""
        return written_whole(path, self._outputs.parts, through_link=False)

    def _write_tables(
        self, pictures: Iterable[list[dict[str, Any]]], summary: Summary, results: Path, failures: Path
    ) -> None:
        labels, run = self._facts.labels, self._about["run"]
        with writing(results, schema(labels), run) as answered, writing(failures, FAILURES, run) as failed:
            for rows in pictures:
                summary.add(rows)
                for row in rows:
                    if row[ERROR] is None:
                        answered(row)
                    else:
                        failed({"picture": row["picture"], "reason": row[ERROR]})

    def _files(self) -> dict[str, str]:
        outputs = self._outputs
        return {
            "results": outputs.results.name,
            "failures": outputs.failures.name,
            "summary": outputs.summary.name,
            "report": outputs.report.name,
        }
