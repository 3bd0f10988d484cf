"""What every reader yields, and how it reads untrusted files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from core.errors import RecordError
from core.records import read_text

Row = dict[str, str]
"""The columns of a MANIFEST: path (relative to the root), label, and any of the others."""

Rows = Iterator[tuple[str, Row | str]]
"""Where a row stands, for messages, and the row; or, in its place, why it cannot be read."""

_SPLITS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("valid", "val", "validation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}


def split_named(name: str) -> str:
    """`train`, `validation` or `test` from what people call them; other names stay."""
    return _SPLITS.get(name.strip().lower(), name.strip())


def split_in(folders: Iterable[str]) -> str:
    """The split that one of the folders names; empty when none does."""
    named = map(split_named, folders)
    return next((split for split in named if split in _SPLITS.values()), "")


def read_json(path: Path, max_bytes: int) -> object:
    """Raises `RecordError`. A mark of byte order, as Windows programs write it, does no harm."""
    try:
        return json.loads(read_text(path, max_bytes, linked=True).removeprefix("\ufeff"))
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
