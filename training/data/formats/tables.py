"""CSV files: our MANIFEST, the boxes of Kaggle's wobotintelligence set, and other people's tables.

Cells may be separated by commas, semicolons, tabs or bars. Columns that are not read are named.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path

from core.errors import RecordError
from core.files import open_table, table_rows
from core.results import Box
from core.text import printable
from training.data.formats import via
from training.data.formats.columns import Columns, understood
from training.data.formats.pictures import Pictures, walk
from training.data.formats.readings import CORNERS, SWAPPED, Readings
from training.data.formats.rows import SHARES, UNCHECKED, Note, Row, Rows, pixels, split_in

BOXES_COLUMNS = {"name", "classname", "x1", "x2", "y1", "y2"}
_AS_FILLED = ("x1", "x2", "y1", "y2")  # these four, in that order, hold left, top, right, bottom
_AS_NAMED = ("x1", "y1", "x2", "y2")
_REMEDY = "Name the box by what it holds: x1,y1,x2,y2 or x,y,w,h"
_ROUNDED = 1.05  # a share may be rounded up
_FIRST = 100  # rows that show what a column holds
_MANIFEST = ("path", "label", "source", "group", "split", "face_px", "gender", "drawn", "subtype")


def manifest_rows(data: Path, root: Path) -> Rows:
    """`path,label[,x1,y1,x2,y2][,source][,group][,split][,face_px][,gender][,drawn][,subtype]`.

    A box may be called otherwise, as `columns` knows. Where no number of any box is above 1, they are shares.
    Whether they fit their pictures is left to whoever finds these: `UNCHECKED` says what they are.
    """
    columns = understood(_header(data), _MANIFEST, _first(data))
    shares = _has_shares(data, columns)
    yield from _notes(data, columns, shares=shares)
    for where, row in _lines(data):
        if isinstance(row, str):
            yield where, row
            continue
        if columns.part and columns.part != "split":
            row["split"] = _part(row, columns)
        corners = [row.get(column, "") for column in columns.box]
        with suppress(ValueError):  # it is said where the others are said, too
            if (box := columns.box_of(row)) and (columns.box != _AS_NAMED or "," in "".join(corners)):
                corners = list(map("{:g}".format, box))
        if any(corners):
            row |= dict(zip(_AS_NAMED, corners, strict=True))
            row[UNCHECKED] = SHARES if shares else columns.kind
        yield where, row


def csv_rows(data: Path, root: Path) -> Rows:
    """Other people's columns: a picture's name, its class, most often a box and the picture's size.

    So TensorFlow's `filename,width,height,class,xmin,ymin,xmax,ymax`. Raises `RecordError` where a column for
    the picture or its class is missing.
    """
    columns = understood(header := _header(data), rows=_first(data))
    if not columns.picture or not columns.label or not (columns.box or columns.label == "label"):
        raise RecordError(
            f"{data}: no column 'label', nor columns of another program's boxes. Its columns are "
            f"{printable(', '.join(header), 300) or '(none)'}. Give a CSV with a header: path,label and, for "
            "faces in photos, x1,y1,x2,y2."
        )
    shares = _has_shares(data, columns)
    yield from _notes(data, columns, shares=shares)
    pictures, readings = Pictures(root), Readings(columns.kind or CORNERS)
    for where, row in _lines(data):
        if isinstance(row, str):
            yield where, row
            continue
        try:
            relative, label = pictures.find(row[columns.picture], data.parent), row[columns.label].strip()
            split = _part(row, columns) or split_in((*relative.parts[:-1], data.parent.name, data.stem))
            box = columns.box_of(row)
            size = pixels(*(row[column] for column in columns.size)) if columns.size else None
            if box is None:
                named = {"path": relative.as_posix(), "label": label} | ({"split": split} if split else {})
                yield where, named
            else:
                read = pictures.boxed(relative, box, label, split, size, in_shares=shares, readings=readings)
                yield where, read
        except (KeyError, ValueError, OverflowError) as problem:
            yield where, str(problem)
    readings.require(data, _REMEDY)


def _part(row: Row, columns: Columns) -> str:
    """A column that may hold something else than parts of a split counts where it names one."""
    said = row.get(columns.part, "") if columns.part else ""
    return said if columns.part == "split" else split_in([said])


def boxes_rows(data: Path, root: Path) -> Rows:
    """`name,x1,x2,y1,y2,classname`: the four hold left, top, right, bottom, whatever they are called.

    Headed `name,x1,y1,x2,y2,classname`, they are what they are called.
    """
    corners = tuple(column for column in _header(data) if column in _AS_NAMED)
    yield from _boxes(data, root, _AS_FILLED if corners == _AS_FILLED else _AS_NAMED)


def boxes_by_name_rows(data: Path, root: Path) -> Rows:
    """The same columns in any order, each holding what it is called: x1 left, y1 top, x2 right, y2 bottom."""
    yield from _boxes(data, root, _AS_NAMED)


def kind_of(data: Path) -> str:
    """The format of a table, by its header."""
    header = set(_header(data))
    if header >= BOXES_COLUMNS:
        return "boxes"
    if header >= via.CSV_COLUMNS:
        return "via"
    return "manifest" if header >= {"path", "label"} or not header else "csv"


def is_via(data: Path) -> bool:
    """Whether the table is one of VIA's annotator."""
    return set(_header(data)) >= via.CSV_COLUMNS


def folder_rows(folder: Path, root: Path) -> Rows:
    """The rows of every CSV in a folder, such as `_annotations.csv` of each part of a split."""
    readers = {"manifest": manifest_rows, "boxes": boxes_rows, "csv": csv_rows, "via": via.rows}
    found = [path for path in walk(folder) if path.suffix.lower() in (".csv", ".tsv")]
    if not found:
        raise RecordError(f"{folder}: holds no CSV.")
    for path in found:
        yield from readers[kind_of(path)](path, root)


def _boxes(data: Path, root: Path, corners: tuple[str, ...]) -> Rows:
    header = _header(data)
    if missing := [column for column in (*corners, "name", "classname") if column not in header]:
        raise RecordError(f"{data}: no column {missing[0]!r}. Its columns are {', '.join(header)[:300]}.")
    columns = replace(understood(header, BOXES_COLUMNS), box=corners, kind=CORNERS)
    shares = _has_shares(data, columns)
    yield from _notes(data, columns, shares=shares)
    pictures, readings = Pictures(root), Readings(CORNERS, (SWAPPED,) if corners == _AS_FILLED else ())
    for where, row in _lines(data):
        if isinstance(row, str):
            yield where, row
            continue
        try:
            box, name = columns.box_of(row), pictures.find(row["name"])
            if box is None:
                raise ValueError("no box")
            yield where, pictures.boxed(name, box, row["classname"], in_shares=shares, readings=readings)
        except KeyError as problem:
            yield where, f"no column {problem}"
        except ValueError as problem:
            yield where, f"{problem} ({', '.join(corners)} were read as left, top, right, bottom)"
    readings.require(data, "Read them by name: --format boxes-by-name" if corners == _AS_FILLED else _REMEDY)


def _has_shares(data: Path, columns: Columns) -> bool:
    """Whether there are boxes, and no number of any is above 1: no face is within a pixel."""
    largest = max((max(box) for box in _boxes_of(data, columns) if box), default=0.0)
    return 0 < largest <= _ROUNDED


def _boxes_of(data: Path, columns: Columns) -> Iterator[Box | None]:
    for _, row in _lines(data) if columns.box else ():
        with suppress(ValueError):
            if not isinstance(row, str):
                yield columns.box_of(row)


def _first(data: Path) -> list[Row]:
    return [row for _, row in islice(_lines(data), _FIRST) if not isinstance(row, str)]


def _notes(data: Path, columns: Columns, *, shares: bool) -> Rows:
    if shares:
        yield (
            data.name,
            Note("no number of any box is above 1, so they are read as shares of the pictures' sizes"),
        )
    if columns.unread:
        yield data.name, Note(f"columns that are not read: {', '.join(columns.unread)}")
    if columns.box and (without := sum(box is None for box in _boxes_of(data, columns))):
        yield data.name, Note(f"rows without a box, whose whole picture is taken for the face: {without}")


def _lines(path: Path) -> Iterator[tuple[str, Row | str]]:
    """The rows, or why one cannot be read. Raises `RecordError` when the file is no table at all."""
    try:
        with open_table(path) as lines:
            reader = table_rows(lines)
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
            return list(table_rows(lines).fieldnames or ())
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise _unreadable(path, problem) from None


def _unreadable(path: Path, problem: Exception) -> RecordError:
    return RecordError(f"{path}: cannot be read ({problem}). Give a CSV with the columns path,label.")
