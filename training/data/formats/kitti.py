"""KITTI, as NVIDIA's TAO trains from: a text file a picture, of lines with 15 cells, or 16 with a score.

`name truncated occluded alpha left top right bottom` in pixels, and seven of a third dimension.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from core.files import open_regular_file
from training.data.formats.pictures import Pictures, rows_by_line, walk
from training.data.formats.rows import LeftOut, Row, Rows, split_in

_CELLS = 15
_LEAST = 7  # numbers, as far as the box's: shorter lines are something else
_LONGEST = 1_000  # bytes of a first line that are looked at
_MANY = 20  # files looked at before they are taken for something else
_IGNORED = "dontcare"


def is_kitti(root: Path, files: Sequence[Path]) -> bool:
    """Whether the first text files called as pictures begin with a line of KITTI."""
    texts = [path for path in files if path.suffix.lower() == ".txt"]
    if not texts:
        return False
    pictures = Pictures(root)
    first = (_first_line(path) for path in texts if pictures.has_stem(path.stem))
    told = map(_label_and_numbers, islice(filter(None, first), _MANY))
    return any(label and len(numbers) >= _LEAST for label, numbers in told)


def _label_and_numbers(cells: Sequence[str]) -> tuple[str, list[str]]:
    """A label may be of several words."""
    words = next((n for n in range(len(cells), 0, -1) if not _is_number(cells[n - 1])), 0)
    return " ".join(cells[:words]), list(cells[words:])


def _first_line(path: Path) -> list[str]:
    with open_regular_file(path) as file:
        return file.readline(_LONGEST).decode(errors="replace").split()


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def rows(data: Path, root: Path) -> Rows:
    """Each line of each file that is called as a picture. Regions of `DontCare` are counted."""
    pictures = Pictures(root)

    def read(path: Path, picture: Path, line: str) -> Row | LeftOut:
        label, cells = _label_and_numbers(line.split())
        if not label or len(cells) + 1 not in (_CELLS, _CELLS + 1):
            raise ValueError(f"not a name and {_CELLS - 1} numbers, or {_CELLS} with a score")
        if label.lower() == _IGNORED:
            return LeftOut(label)
        x1, y1, x2, y2 = map(float, cells[3:7])
        return pictures.boxed(picture, (x1, y1, x2, y2), label, split_in(picture.parts[:-1]))

    called = (p for p in walk(root) if p.suffix.lower() == ".txt" and pictures.has_stem(p.stem))
    return rows_by_line(called, root, pictures, read)
