"""The tables of a job: a row a face, one a picture without faces, and one a picture that cannot be read."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from core.bulk.entries import Entry, JobFacts, shown
from core.results import Result

_ENTRY = pa.struct(
    {"source": pa.binary(), "member": pa.binary(), "at": pa.int64(), "size": pa.int64()}.items()
)
FAILURES = pa.schema({"picture": pa.string(), "reason": pa.string()}.items())
ERROR, ENTRY = "error", "entry"  # columns of parts that results do not have


def schema(labels: tuple[str, ...]) -> pa.Schema:
    """Of results, for a model of these labels. Boxes are x1, y1, x2, y2 in pixels of the upright picture."""
    point = ("min_margin", "alarm_threshold", "min_score")
    return pa.schema(
        {
            "picture": pa.string(),
            "sha256": pa.string(),
            "width": pa.int32(),
            "height": pa.int32(),
            "face": pa.int32(),
            "box": pa.list_(pa.float64()),
            "score": pa.float64(),
            "answer": pa.string(),
            "label": pa.string(),
            "probabilities": pa.struct([(label, pa.float64()) for label in labels]),
            "cannot_tell": pa.struct([("reason", pa.string()), ("advice", pa.string())]),
            "worn_properly": pa.bool_(),
            "worn_properly_probability": pa.float64(),
            "unclear_between": pa.list_(pa.string()),
            "subtype": pa.string(),
            "dropped": pa.int32(),
            "note": pa.string(),
            "model": pa.string(),
            "detector": pa.string(),
            "operating_point": pa.struct([(name, pa.float64()) for name in point]),
        }.items()
    )


def part_schema(labels: tuple[str, ...]) -> pa.Schema:
    """Of parts: failures stand in their place among the others, and each row says where its picture lies."""
    return schema(labels).append(pa.field(ERROR, pa.string())).append(pa.field(ENTRY, _ENTRY))


def rows_of(entry: Entry, sha256: str, result: Result, facts: JobFacts) -> list[dict[str, Any]]:
    """Those of a picture that was answered, faces numbered from 1."""
    of_picture = {
        "picture": entry.name,
        "sha256": sha256,
        "width": result.width,
        "height": result.height,
        "dropped": result.dropped,
        "note": result.note or None,
        "model": result.model,
        "detector": result.detector,
        "operating_point": facts.operating_point,
        ENTRY: _where(entry),
    }
    faces = [
        of_picture | {"face": number, **face.as_json(), "answer": face.answer}
        for number, face in enumerate(result.faces, 1)
    ]
    return faces or [of_picture]


def failure_of(entry: Entry, reason: str) -> dict[str, Any]:
    return {"picture": entry.name, ERROR: shown(reason), ENTRY: _where(entry)}


def table_of(rows: list[dict[str, Any]], labels: tuple[str, ...]) -> pa.Table:
    return pa.Table.from_pylist(rows, part_schema(labels))


def _where(entry: Entry) -> dict[str, Any]:
    def raw(text: str) -> bytes:
        return text.encode("utf-8", "surrogateescape")

    return {"source": raw(entry.source), "member": raw(entry.member), "at": entry.at, "size": entry.size}


def entry_of(row: dict[str, Any]) -> Entry:
    """Where the picture of a part's row lies."""
    where = row[ENTRY]
    source, member = (where[key].decode("utf-8", "surrogateescape") for key in ("source", "member"))
    return Entry(source, member, where["at"], where["size"])
