"""A packed file of crops, read and taken for hostile: `training.pack` writes it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import h5py
import numpy as np
from pydantic import Field, ValidationError

from core.errors import ImageError, RecordError
from core.files import open_regular_file
from core.records import Record
from core.text import printable
from training.data.formats.rows import Row

MAX_SIZE = 1024  # pixels; no recipe comes near, and a row of a hostile file takes 3 MB at most
MAX_ABOUT_BYTES = 64 * 2**20  # some 300,000 faces, whose crops of 160 pixels fill 23 GB


class Contents(Record):
    """What a packed file holds. `crop_scale` is None where no face had a box: then any scale fits."""

    schema_: Literal[1] = Field(1, alias="schema")
    size: Annotated[int, Field(ge=1, le=MAX_SIZE)]
    crop_scale: Annotated[float, Field(gt=0, le=10)] | None
    manifest_sha256: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """An open packed file. May be read by several threads; `close` it."""

    path: Path
    contents: Contents
    crops: h5py.Dataset

    def require(self, size: int, crop_scale: float) -> None:
        """Raises `RecordError` when crops of that size and scale cannot be had from it."""
        has = self.contents
        if has.size < size:
            raise RecordError(
                f"{self.path}: its crops are {has.size} pixels, {size} are needed. Pack with --size {size}."
            )
        if has.crop_scale is not None and not math.isclose(has.crop_scale, crop_scale):
            raise RecordError(
                f"{self.path}: faces are cropped at {has.crop_scale:g} times their box, {crop_scale:g} are "
                f"needed. Pack with --crop-scale {crop_scale:g}."
            )

    def crop(self, row: int) -> np.ndarray:
        """(size, size, 3) uint8 RGB. Raises `ImageError`."""
        try:
            return np.asarray(self.crops[row])
        except (OSError, IndexError, RuntimeError) as problem:
            raise ImageError(f"{self.path.name} row {row}: cannot be read ({problem}). Pack again.") from None

    def close(self) -> None:
        self.crops.file.close()


def open_pack(path: Path) -> Pack:
    """Raises `RecordError` when it is no packed file, or a broken one."""
    try:
        open_regular_file(path).close()  # HDF5 would wait for a pipe
        file = h5py.File(path, "r")
    except OSError as problem:
        raise _broken(path, str(problem)) from None
    try:
        return Pack(path, *_checked(file))
    except (OSError, RuntimeError, TypeError, ValueError, RecursionError) as problem:
        file.close()
        if isinstance(problem, ValidationError):
            first = problem.errors()[0]
            problem = ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}")
        raise _broken(path, str(problem)) from None


def packed_rows(path: Path) -> Iterator[tuple[str, Row | str]]:
    """The rows of the manifest that was packed, each with its place in the file as `row`."""
    pack = open_pack(path)
    pack.close()
    for number, row in enumerate(pack.contents.rows):
        yield f"{path.name} row {number}", {**row, "row": str(number)}


def _checked(file: h5py.File) -> tuple[Contents, h5py.Dataset]:
    """Checked before anything is allocated. Raises `ValueError`, and what h5py raises for broken files."""
    about, crops = _dataset(file, "about"), _dataset(file, "crops")
    if about.ndim != 1 or about.size > MAX_ABOUT_BYTES or about.chunks is not None:
        raise ValueError(f"`about` is {about.shape}, not a plain text of at most {MAX_ABOUT_BYTES:,} bytes")
    contents = Contents.model_validate(json.loads(about[:].tobytes()))
    shape = (len(contents.rows), contents.size, contents.size, 3)
    if crops.shape != shape:
        raise ValueError(f"`crops` is {crops.shape}, but its rows tell of {shape}")
    if crops.chunks != (1, *shape[1:]) or crops.id.get_create_plist().get_nfilters():
        raise ValueError("`crops` is not stored one by one")  # a chunk could be larger than the memory
    if crops.id.get_num_chunks() != len(contents.rows):
        raise ValueError(f"{crops.id.get_num_chunks()} of {len(contents.rows)} crops are there")
    return contents, crops


def _dataset(file: h5py.File, name: str) -> h5py.Dataset:
    """Of bytes, in this file: links, external storage and virtual data sets would read other files."""
    found = file[name] if isinstance(file.get(name, getlink=True), h5py.HardLink) else None
    if not isinstance(found, h5py.Dataset) or found.dtype != np.uint8:
        raise ValueError(f"has no `{name}` of bytes")
    if found.is_virtual or found.external:
        raise ValueError(f"`{name}` is in another file")
    return found


def _broken(path: Path, reason: str) -> RecordError:
    said = printable(reason, longest=300)  # it may quote untrusted text
    return RecordError(f"{path}: is not a packed file that can be used: {said}. Pack the pictures again.")
