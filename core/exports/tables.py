"""Results out: CSV, JSON, COCO and Pascal VOC, and zips of files. All in memory, nothing on disk.

Every function takes pairs of a picture's name and its `Result`. A name that occurs twice gets " (2)". Tables
(CSV, JSON) keep names as they came; formats that name files (COCO, VOC, zip) share one flat, safe form.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from core.exports.names import NamedResults, Problems, labels_of, with_unique_names, writable
from core.results import FaceResult, Result
from core.text import escape_spreadsheet_cell


def to_csv(results: NamedResults, not_read: Problems = ()) -> str:
    """One row a face; a picture without faces keeps one row, its face fields empty; so does one not read.

    Columns: image, face (from 1), x1, y1, x2, y2, score, answer, label, probability_<label> for every label,
    reason and advice when it cannot be told, worn_properly (yes or no; empty where the labels do not tell),
    worn_properly_probability, unclear_between (ways of wearing it, / between them), subtype (how it is worn
    wrongly, where the model tells), dropped (how many places of the picture were left out as no face), model,
    detector, error (why it was not read). Text that a spreadsheet would run as a formula gets a ' in front.
    """
    labels = labels_of(results)
    read = [
        line(cells) for name, result in with_unique_names(results) for cells in rows(name, result, labels)
    ]
    unread = [line(problem_row(writable(name), error, labels)) for name, error in not_read]
    return "".join([line(columns(labels)), *read, *unread])


def columns(labels: Sequence[str]) -> list[str]:
    """Those of `to_csv`, of models that know these labels."""
    return [
        *("image", "face", "x1", "y1", "x2", "y2", "score", "answer", "label"),
        *(f"probability_{label}" for label in labels),
        *("reason", "advice", "worn_properly", "worn_properly_probability", "unclear_between", "subtype"),
        *("dropped", "model", "detector", "error"),
    ]


def rows(name: str, result: Result, labels: Sequence[str]) -> list[list[Any]]:
    """The cells of `columns` for each face of a picture, or for the picture where it has none."""
    of_picture = (result.dropped, result.model, result.detector, "")
    none = [""] * (len(columns(labels)) - 1 - len(of_picture))
    found = [_face_cells(number, face, labels) for number, face in enumerate(result.faces, 1)] or [none]
    return [[name, *cells, *of_picture] for cells in found]


def problem_row(name: str, error: str, labels: Sequence[str]) -> list[Any]:
    """The cells of `columns` for a picture that was not read."""
    return [name, *[""] * (len(columns(labels)) - 2), error]


def line(cells: Iterable[Any]) -> str:
    """Text is quoted, so that a comma or semicolon in a name starts no cell of its own."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(map(escape_spreadsheet_cell, cells))
    return buffer.getvalue()


def to_json(results: NamedResults, not_read: Problems = ()) -> str:
    """A list with the fields of `python -m core check --json`, and model and detector, a picture.

    One that was not read has its name and `error` alone.
    """
    pictures = [
        result.as_json(name) | {"model": result.model, "detector": result.detector}
        for name, result in with_unique_names(results)
    ]
    pictures += [{"image": writable(name), "error": error} for name, error in not_read]
    return json.dumps(pictures, ensure_ascii=False, allow_nan=False, indent=2)


def _face_cells(number: int, face: FaceResult, labels: Sequence[str]) -> list[Any]:
    plain = face.as_json()
    why = plain["cannot_tell"] or {"reason": "", "advice": ""}
    properly = plain["worn_properly_probability"]
    return [
        *(number, *plain["box"], plain["score"], face.answer, plain["label"]),
        *(plain["probabilities"].get(label, "") for label in labels),
        *(why["reason"], why["advice"]),
        {True: "yes", False: "no", None: ""}[plain["worn_properly"]],
        "" if properly is None else properly,
        "/".join(plain["unclear_between"]),
        plain["subtype"] or "",
    ]
