"""CSV files: our MANIFEST, and the boxes of Kaggle's wobotintelligence set."""

from __future__ import annotations

import csv
import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import RecordError
from core.files import open_regular_file
from training.data.formats.pictures import Pictures
from training.data.formats.rows import Row, Rows

BOXES_COLUMNS = {"name", "classname", "x1", "x2", "y1", "y2"}
MAX_LINE = 2**20  # characters; a row of a MANIFEST has a hundred
_AS_FILLED = ("x1", "x2", "y1", "y2")  # these four, in that order, hold left, top, right, bottom
_AS_NAMED = ("x1", "y1", "x2", "y2")


def manifest_rows(data: Path, root: Path) -> Rows:
    """`path,label[,x1,y1,x2,y2][,source][,group][,split][,face_px][,gender][,drawn][,subtype]`."""
    yield from _lines(data)


def boxes_rows(data: Path, root: Path) -> Rows:
    """`name,x1,x2,y1,y2,classname`: the four hold left, top, right, bottom, whatever they are called.

    Headed `name,x1,y1,x2,y2,classname`, they are what they are called.
    """
    corners = tuple(column for column in _header(data) if column in _AS_NAMED)
    yield from _boxes(data, root, _AS_FILLED if corners == _AS_FILLED else _AS_NAMED)


def boxes_by_name_rows(data: Path, root: Path) -> Rows:
    """The same columns in any order, each holding what it is called: x1 left, y1 top, x2 right, y2 bottom."""
    yield from _boxes(data, root, _AS_NAMED)


def is_boxes(data: Path) -> bool:
    """Whether the table names boxes in `name` and `classname`, as no MANIFEST does."""
    return set(_header(data)) >= BOXES_COLUMNS


def _boxes(data: Path, root: Path, corners: tuple[str, ...]) -> Rows:
    pictures = Pictures(root)
    for where, row in _lines(data):
        if isinstance(row, str):
            yield where, row
            continue
        try:
            x1, y1, x2, y2 = (float(row[column]) for column in corners)
            yield where, pictures.boxed(pictures.find(row["name"]), (x1, y1, x2, y2), row["classname"])
        except KeyError as problem:
            yield where, f"no column {problem}"
        except ValueError as problem:
            yield where, f"{problem} ({', '.join(corners)} were read as left, top, right, bottom)"


def _lines(path: Path) -> Iterator[tuple[str, Row | str]]:
    """The rows, or why one cannot be read. Raises `RecordError` when the file is no table at all."""
    try:
        with open_table(path) as lines:
            reader = csv.DictReader(lines)
            reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
            while True:
                try:
                    row = next(reader, None)
                except csv.Error as problem:  # of this row alone
                    yield f"{path.name} line {reader.line_num}", str(problem)
                    continue
                if row is None:
                    return
                yield f"{path.name} line {reader.line_num}", {k: v or "" for k, v in row.items() if k}
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise _unreadable(path, problem) from None


def _header(path: Path) -> list[str]:
    try:
        with open_table(path) as lines:
            return [name.strip().lower() for name in next(csv.reader(lines), [])]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise _unreadable(path, problem) from None


@contextmanager
def open_table(path: Path) -> Iterator[Iterator[str]]:
    """Its lines, as `csv` wants them. Raises `OSError`, also for a line without end."""
    with open_regular_file(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as file:
        yield _bounded(file)


def _bounded(file: io.TextIOWrapper) -> Iterator[str]:
    while line := file.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE:
            raise OSError(errno.EFBIG, f"it has a line of more than {MAX_LINE:,} characters")
        yield line


def _unreadable(path: Path, problem: Exception) -> RecordError:
    return RecordError(f"{path}: cannot be read ({problem}). Give a CSV with the columns path,label.")
