"""Labels that people corrected: a CSV from the dashboard, that training takes by `--fixes`.

    path,row,x1,y1,x2,y2,label,right_label

`path` is as in the data; `row` is that of a packed file, the box that of a face in a photo, each empty where
there is none. `label` is what the data says, `right_label` what is right, or `NO_FACE`.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from core.errors import RecordError
from core.files import number, open_table, table_rows
from core.results import Box
from core.text import escape_spreadsheet_cell

NO_FACE = "(no face)"  # in brackets, since a label may be called no_face
COLUMNS = ("path", "row", "x1", "y1", "x2", "y2", "label", "right_label")
_NEEDED = {"path", "right_label"}


class BoxKey(NamedTuple):
    """Where a face is in its data: compared by it, so boxes are rounded to 1/100 pixel."""

    path: str
    row: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class LabelFix:
    """`label` is empty when it is not known; `right_label` is `NO_FACE` where nothing can be learned."""

    place: BoxKey
    label: str
    right_label: str


def place(path: str, row: int | None, box: Iterable[float] | None) -> BoxKey:
    """Raises `ValueError` when a box is not of four numbers."""
    if box is None:
        return BoxKey(path, row)
    x1, y1, x2, y2 = (round(float(v), 2) for v in box)
    if not all(map(math.isfinite, (x1, y1, x2, y2))):
        raise ValueError("its box is not finite")
    return BoxKey(path, row, (x1, y1, x2, y2))


def to_csv(fixes: Iterable[LabelFix]) -> bytes:
    """UTF-8 with the mark that Excel needs. Text that would run as a formula gets a ' in front."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for fix in fixes:
        path, row, box = fix.place
        # A box's -0.5 is a number, not a formula: it stays one.
        where = ["" if row is None else row, *(box or [""] * 4)]
        writer.writerow(map(escape_spreadsheet_cell, (path, *where, fix.label, fix.right_label)))
    return buffer.getvalue().encode("utf-8-sig")


def read_fixes(path: Path) -> tuple[list[LabelFix], list[str]]:
    """The fixes, and what is wrong with lines that cannot be used. Raises `RecordError`."""
    fixes: list[LabelFix] = []
    problems: list[str] = []
    try:
        with open_table(path) as lines:
            reader = table_rows(lines)
            if missing := _NEEDED - set(reader.fieldnames or ()):
                raise RecordError(
                    f"{path}: has no column {' and '.join(sorted(missing))}. "
                    f"Give a CSV of {','.join(COLUMNS)}."
                )
            for row in reader:
                try:
                    fixes.append(_fix({k: _undone(v) for k, v in row.items() if k and v}))
                except (KeyError, ValueError) as problem:
                    reason = f"no {problem}" if isinstance(problem, KeyError) else str(problem)
                    problems.append(f"{path.name} line {reader.line_num}: {reason}")
    except OSError as problem:
        raise RecordError(f"{path}: cannot be read ({problem.strerror}). Check the path.") from None
    except (UnicodeDecodeError, csv.Error) as problem:
        raise RecordError(f"{path}: cannot be read ({problem}). Download it again.") from None
    return fixes, problems


def _fix(cells: dict[str, str]) -> LabelFix:
    corners = [cells.get(column, "") for column in ("x1", "y1", "x2", "y2")]
    box = list(map(number, corners)) if any(corners) else None
    row = int(cells["row"]) if cells.get("row") else None
    return LabelFix(place(cells["path"], row, box), cells.get("label", ""), cells["right_label"])


def _undone(cell: str) -> str:
    """Without the ' of `escape_spreadsheet_cell`."""
    return cell[1:] if cell.startswith("'") and escape_spreadsheet_cell(cell[1:]) == cell else cell
