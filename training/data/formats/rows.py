"""What every reader yields, and how it reads untrusted files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import RecordError
from core.records import read_bytes

Row = dict[str, str]
"""The columns of a MANIFEST: path (relative to the root), label, and any of the others."""


@dataclass(frozen=True, slots=True)
class Note:
    """What to know of the data as a whole, in words."""

    words: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An annotation that is no face to learn from, and the name that it is counted under."""

    name: str


Rows = Iterator[tuple[str, Row | str | Note | LeftOut]]
"""Where a row stands, for messages, and the row; or, in its place, why it cannot be read."""

IF_STORED = "if_stored"
"""A column of a box whose picture is marked as turned: what it would be if drawn on the picture as stored."""

SHARES = "shares"
UNCHECKED = "unchecked"
"""A column of a box that is yet to be fitted to its picture: `SHARES` of width and height, or else how its
numbers, in pixels, were read (`readings`).
"""

_SPLIT = re.compile(
    r"(?P<name>train|training|valid|val|validation|dev|test|testing)"
    r"(set|data|dataset|images|imgs|pictures|photos|faces|folder|split|part|labels|annotations)?s?"
)
_SPLITS = {"train": "train", "val": "validation", "dev": "validation", "test": "test"}


def split_named(name: str) -> str:
    """`train`, `validation` or `test` from what people call them (`Training_Set`); other names stay."""
    named = _SPLIT.fullmatch(re.sub(r"[\W_]", "", name).lower())
    if not named:
        return name.strip()
    return next(split for start, split in _SPLITS.items() if named["name"].startswith(start))


def split_in(folders: Iterable[str]) -> str:
    """The split that one of the folders names; empty when none does."""
    return next((split for split in map(split_named, folders) if split in _SPLITS.values()), "")


def annotation_text(path: Path, max_bytes: int) -> str:
    """Raises `RecordError`. A mark of byte order, as Windows programs write it, does no harm."""
    try:
        return read_bytes(path, max_bytes, linked=True).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RecordError(f"{path.name} is not UTF-8 text. Save it as UTF-8.") from None


def read_json(path: Path, max_bytes: int) -> object:
    """Raises `RecordError`."""
    try:
        return json.loads(annotation_text(path, max_bytes))
    except (ValueError, RecursionError) as problem:
        raise RecordError(f"{path}: is not JSON ({problem}). Copy or download it again.") from None


def text(value: object) -> str:
    """A name in JSON. Raises `ValueError` for what is no text: `str` would make a label of `null`."""
    if not isinstance(value, str):
        raise ValueError("a name is no text")
    return value


def listed(value: object) -> list[Any]:
    """A box in JSON. Raises `ValueError` for what is no list: text of four digits has four numbers too."""
    if not isinstance(value, list):
        raise ValueError("a box is no list of numbers")
    return value


def around(points: Iterable[tuple[float, float]]) -> tuple[float, float, float, float]:
    """The box around a polygon's points. Raises `ValueError` when there is none."""
    xs, ys = zip(*points, strict=True) if (points := list(points)) else ((), ())
    if not xs:
        raise ValueError("a shape without points")
    return min(xs), min(ys), max(xs), max(ys)


def pixels(*numbers: object) -> tuple[int, ...]:
    """A picture's size as annotations give it, also as `160.0`; 0 where they do not. Raises `ValueError`."""
    return tuple(round(float(str(n or 0))) for n in numbers)
