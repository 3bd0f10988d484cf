"""Results out: CSV, JSON, COCO and Pascal VOC, and zips of files. All in memory, nothing on disk.

Every function takes pairs of a picture's name and its `Result`. A name that occurs twice gets " (2)". Tables
(CSV, JSON) keep names as they came; formats that name files (COCO, VOC, zip) share one flat, safe form.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

from core.exports.names import NamedResults, labels_of, with_unique_names
from core.results import FaceResult
from core.text import escape_spreadsheet_cell
from core.video import Event


def to_csv(results: NamedResults) -> str:
    """One row a face; a picture without faces keeps one row, its face fields empty.

    Columns: image, face (from 1), x1, y1, x2, y2, score, answer, label, probability_<label> for every label,
    reason and advice when it cannot be told, worn_properly (yes or no; empty where the labels do not tell),
    worn_properly_probability, unclear_between (ways of wearing it, / between them), subtype (how it is worn
    wrongly, where the model tells), dropped (how many places of the picture were left out as no face), model,
    detector. Text that a spreadsheet would run as a formula gets a ' in front.
    """
    labels = labels_of(results)
    header = ["image", "face", "x1", "y1", "x2", "y2", "score", "answer", "label"]
    header += [f"probability_{label}" for label in labels] + ["reason", "advice"]
    header += ["worn_properly", "worn_properly_probability", "unclear_between", "subtype"]
    header += ["dropped", "model", "detector"]
    buffer = io.StringIO(newline="")
    # Text is quoted, so that a comma or semicolon in a name starts no cell of its own.
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(map(escape_spreadsheet_cell, header))
    for name, result in with_unique_names(results):
        rows = [_face_cells(number, face, labels) for number, face in enumerate(result.faces, 1)]
        of_picture = (result.dropped, result.model, result.detector)
        for cells in rows or [[""] * (len(header) - 1 - len(of_picture))]:
            writer.writerow(map(escape_spreadsheet_cell, [name, *cells, *of_picture]))
    return buffer.getvalue()


def events_to_csv(events: Iterable[Event]) -> str:
    """One row an event: time (ISO 8601, with zone), id, label, confidence (empty when it cannot be told)."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(("time", "id", "label", "confidence"))
    for event in events:
        confidence = "" if math.isnan(event.confidence) else round(event.confidence, 3)
        time = event.time.isoformat(timespec="milliseconds")
        writer.writerow((time, event.id, escape_spreadsheet_cell(event.label), confidence))
    return buffer.getvalue()


def to_json(results: NamedResults) -> str:
    """A list with the fields of `python -m core check --json`, and model and detector, a picture."""
    pictures = [
        result.as_json(name) | {"model": result.model, "detector": result.detector}
        for name, result in with_unique_names(results)
    ]
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
