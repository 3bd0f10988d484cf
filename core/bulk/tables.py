"""Tables out, row by row, within a few megabytes: Parquet, CSV and JSON lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.text import escape_spreadsheet_cell

METADATA = b"maskwise"  # of a Parquet file: the run's facts as JSON
_GROUP = 5_000  # rows written at once
_YES_NO = {True: "yes", False: "no"}
Write = Callable[[dict[str, Any]], object]


@contextmanager
def writing(path: Path, schema: pa.Schema, facts: dict[str, Any]) -> Iterator[Write]:
    """Rows of `schema` go into a file, in the format that its name ends with. Raises `OSError`."""
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        with _parquet(path, schema, facts) as write:
            yield write
        return
    with path.open("w", encoding="utf-8", newline="") as text:
        if suffix == ".csv":
            yield _csv(text, schema)
        else:
            yield lambda row: text.write(json.dumps(_whole(row, schema), ensure_ascii=False) + "\n")


@contextmanager
def _parquet(path: Path, schema: pa.Schema, facts: dict[str, Any]) -> Iterator[Write]:
    schema = schema.with_metadata({METADATA: json.dumps(facts).encode()})
    rows: list[dict[str, Any]] = []
    with path.open("wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:

        def write_group() -> None:
            if rows:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows.clear()

        def write(row: dict[str, Any]) -> None:
            rows.append(row)
            if len(rows) == _GROUP:
                write_group()

        yield write
        write_group()


def _whole(row: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """All fields of the schema in its order, and no other."""
    return {name: row.get(name) for name in schema.names}


def _csv(text: IO[str], schema: pa.Schema) -> Write:
    """As `core.exports` writes it: a cell for each number, text quoted, no cell that is run as a formula."""
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    columns = [column for field in schema for column in _columns(field)]
    writer.writerow(columns)

    def write(row: dict[str, Any]) -> None:
        cells = [cell for field in schema for cell in _cells(field, row.get(field.name))]
        writer.writerow(map(escape_spreadsheet_cell, cells))

    return write


def _columns(field: pa.Field) -> list[str]:
    if field.name == "box":
        return ["x1", "y1", "x2", "y2"]
    if pa.types.is_struct(field.type):
        start = "probability_" if field.name == "probabilities" else ""
        return [f"{start}{inner.name}" for inner in field.type]
    return [field.name]


def _cells(field: pa.Field, value: Any) -> list[Any]:
    if value is None:
        return [""] * len(_columns(field))
    if field.name == "box":
        return list(value)
    if pa.types.is_struct(field.type):
        return ["" if value[inner.name] is None else value[inner.name] for inner in field.type]
    if pa.types.is_list(field.type):
        return ["/".join(value)]
    return [_YES_NO[value] if pa.types.is_boolean(field.type) else value]
