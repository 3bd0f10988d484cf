"""Evaluations as text for a terminal. All of it is in the records; here is what one reads first.

Its templates lie in `templates/` beside the model card's, with the same filters. They are ASCII, their tables
are written as in Markdown, and a value stands in them letter for letter. Each rate comes with its n.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Environment

from core.reports import markdown
from core.review import (
    ABOUT_SKIN_TONE,
    MatchedDetections,
    average_precision_interval,
    by_dimension,
    by_height,
    confusion,
    worst_of_all,
)
from core.runs import DetectionEvaluation, DetectionRow, Detections, Evaluation


def evaluation_text(evaluation: Evaluation) -> str:
    """Of a classifier: aligned tables; what is not defined is called "no examples"."""
    return render(
        "evaluation.txt.j2",
        e=evaluation,
        counts=confusion.table(evaluation),
        label_slices=by_dimension(evaluation),
        worst=worst_of_all(evaluation),
        about_skin_tone=ABOUT_SKIN_TONE,
    )


def detection_text(evaluation: DetectionEvaluation, rows: Iterable[DetectionRow]) -> str:
    """Of a detector and what it found: see `evaluation_text`."""
    return render(
        "detection.txt.j2",
        e=evaluation,
        found=Detections.from_rows(rows),
        counted=MatchedDetections,
        by_height=by_height,
        interval_of=average_precision_interval,
    )


def render(template: str, **values: Any) -> str:
    """One of `templates/`: each run of lines that begin with "|" in aligned columns."""
    written = _environment().get_template(template).render(values)
    lines = re.sub(r"\n{3,}", "\n\n", written.strip("\n")).split("\n")
    shown: list[str] = []
    for in_table, run in groupby(lines, lambda line: line.startswith("| ")):
        block = list(run)
        shown += columns(map(_cells, block)) if in_table else map(_unescaped, block)
    return "\n".join(shown)


def columns(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines whose columns are as narrow as what is in them."""
    table = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        yield "  " + "  ".join(map(str.ljust, row, widths)).rstrip()


def _cells(line: str) -> list[str]:
    return [_unescaped(cell) for cell in line[2:-2].split(" | ")]


def _escaped(value: Any) -> str:
    """So that no value of a record ends a cell or a line."""
    return str(value).encode("unicode_escape").decode().replace("|", r"\x7c")


def _unescaped(text: str) -> str:
    return text.encode().decode("unicode_escape")


@cache
def _environment() -> Environment:
    return markdown.environment().overlay(
        finalize=lambda value: value if isinstance(value, markdown.Markdown) else _escaped(value)
    )
