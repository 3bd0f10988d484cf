"""Pack the faces of a data set into one file, which is read faster than as many pictures.

    python -m training.pack --data MANIFEST_OR_FOLDER --output crops.h5 [--size 160] [--crop-scale 1.5]

Every picture is read and cropped once, as training would; give the file to `--data` of train, evaluate and
the other commands in place of the manifest. `--size` is the side that training holds, 1.25 times the
network's input; smaller ones are made from it. Where faces have boxes, no other scale can be had from it.
12,725 crops of 160 pixels took 5.5 s from a pack and 24 s from files when the system had neither in memory,
2 s and 18 s when it had (two CPU cores that another training shared).

The file is HDF5: `crops` (N, size, size, 3) uint8 RGB, and `about`, JSON in UTF-8 as uint8: `Contents`, with
a row of the manifest for each crop. Nothing else in a file is read: no pickle, no link to another file.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np
from tqdm import tqdm

from core import terminal
from core.errors import RecordError
from core.files import written_whole
from core.text import writable
from training.data import (
    MAX_ABOUT_BYTES,
    MAX_SIZE,
    Contents,
    Example,
    Manifest,
    Row,
    add_data_options,
    data_root,
    one_line_errors,
    read_crops,
    read_data,
)


def pack(manifest: Manifest, output: Path, root: Path, size: int, crop_scale: float) -> tuple[int, list[str]]:
    """Write the crops of `manifest`, a few at a time: how many, and what could not be read.

    Names of pictures are kept as they are under `root`. `output` appears when it is complete. Raises
    `RecordError` when it is there already, or when no picture can be read.
    """
    if output.suffix.lower() not in (".h5", ".hdf5"):
        raise RecordError(f"{output}: give a name that ends in .h5, by which packed files are told.")
    if any(example.row is not None for example in manifest.examples):
        raise RecordError("The data is packed already. Pack the pictures that it was made from.")
    if output.exists():
        raise RecordError(f"{output}: is there already. Remove it, or choose another --output.")
    output.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(output) as part:
        with h5py.File(part, "w") as file:
            n, unreadable = _write(file, manifest, root, size, crop_scale)
        if not n:
            raise RecordError(f"None of {len(unreadable)} pictures could be read. {unreadable[0]}")
    return n, unreadable


def _write(
    file: h5py.File, manifest: Manifest, root: Path, size: int, crop_scale: float
) -> tuple[int, list[str]]:
    examples = manifest.examples
    shape = (len(examples), size, size, 3)
    crops = file.create_dataset("crops", shape, np.uint8, chunks=(1, *shape[1:]), maxshape=(None, *shape[1:]))
    rows: list[Row] = []
    unreadable: list[str] = []
    read = tqdm(read_crops(examples, size, crop_scale), "packing", len(examples), unit=" faces", disable=None)
    for example, crop in zip(examples, read, strict=True):
        if isinstance(crop, str):
            unreadable.append(crop)
        else:
            crops[len(rows)] = crop
            rows.append(_row(example, root))
    crops.resize(len(rows), axis=0)
    contents = Contents(
        schema=1,
        size=size,
        crop_scale=crop_scale if any(example.box for example in examples) else None,
        manifest_sha256=manifest.sha256,
        rows=tuple(rows),
    )
    about = json.dumps(contents.as_json(), ensure_ascii=False).encode()
    if len(about) > MAX_ABOUT_BYTES:
        raise RecordError(f"{len(rows):,} faces are too many for one file. Pack them in parts.")
    file.create_dataset("about", data=np.frombuffer(about, np.uint8))
    return len(rows), unreadable


def _row(example: Example, root: Path) -> Row:
    """Without the box, since the crop is all there is; without folders of this machine."""
    inside = example.path.is_relative_to(root)
    row = {
        "path": writable((example.path.relative_to(root) if inside else Path(example.path.name)).as_posix()),
        "label": example.label,
        "source": example.source,
        "group": example.group.removeprefix(f"{example.source}/"),
        "split": example.split,
        "face_px": "" if math.isnan(example.face_px) else repr(example.face_px),
        "gender": example.gender,
        "drawn": "yes" if example.synthetic else "",
        "subtype": example.subtype,
    }
    return {column: value for column, value in row.items() if value}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.pack", description="Pack faces into one file.")
    add_data_options(parser)
    parser.add_argument("--output", type=Path, required=True, help="a new file, .h5")
    parser.add_argument("--size", type=int, default=160, help="side of a crop, pixels; default 160")
    parser.add_argument(
        "--crop-scale", type=float, default=1.5, help="times a box's longer side; default 1.5"
    )
    options = parser.parse_args(arguments)
    if not 1 <= options.size <= MAX_SIZE:
        parser.error(f"--size {options.size}: give 1 to {MAX_SIZE} pixels")
    if not 0 < options.crop_scale <= 10:
        parser.error(f"--crop-scale {options.crop_scale:g}: give a number above 0 and up to 10")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with one_line_errors(parser):
        manifest, root = read_data(options), data_root(options)
        n, unreadable = pack(manifest, options.output, root, options.size, options.crop_scale)
    print(f"{n:,} faces of {options.size} x {options.size} pixels are in {options.output}.")
    if unreadable:
        print(f"{len(unreadable)} could not be read:", *unreadable, sep="\n  ")
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
