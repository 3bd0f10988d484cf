"""Which pictures to learn from: data of any format in `training.data.formats`, read into one form."""

from __future__ import annotations

import hashlib
import logging
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Literal

from tqdm import tqdm

from core.errors import RecordError
from core.files import number
from core.labels import LabelSet
from core.results import Box
from core.text import printable, writable
from training.data import formats
from training.data.example import Example, Manifest, log_left_out
from training.data.formats.class_names import label_of
from training.data.formats.file_names import CORRECTED
from training.data.formats.pictures import count_litter, fitted, upright_size
from training.data.formats.readings import Readings, scale_problem
from training.data.formats.rows import IF_STORED, SHARES, UNCHECKED, LeftOut, Note, Row, split_named
from training.data.picture_folder import PictureFolder

log = logging.getLogger(__name__)

TurnedBoxes = Literal["stored", "upright"]
_CORNERS = ("x1", "y1", "x2", "y2")
_LOOKED_AT = 200  # boxes that show what scale all have
_SHOWN = 10  # problems in the log; a manifest holds them all


def read_manifest(
    data: Path,
    labels: LabelSet | None = None,
    *,
    format: str | None = None,
    images: Path | None = None,
    type_order: str = CORRECTED,
    class_names: Mapping[str, str] | None = None,
    turned_boxes: TurnedBoxes | None = None,
) -> Manifest:
    """Read a file or folder of a format in `formats.READERS`, by default the one that `formats.detect` finds.

    `images` is the folder of the pictures where that is not the folder of `data`: no path in a manifest leads
    out of it. `type_order` is for "file-names". Class names of other people become our labels, those in
    `class_names` as it says; with `labels` only those are kept. `turned_boxes` says how boxes were drawn on
    pictures that a camera marked as turned, where the data does not show it: without, they are refused. A row
    that cannot be used is named and counted, the rest kept. Raises `RecordError` when none is left.
    """
    for folder in (data, images):
        if folder is not None and not folder.exists():
            raise RecordError(f"{folder}: is not there. Check the path.")
    format = format or formats.detect(data)
    root = images or (data.parent if format == "manifest" else formats.root_of(data))
    pictures = PictureFolder(root, named=images is not None or data.is_dir())
    usable: list[tuple[str, Row]] = []
    problems: list[str] = []
    notes: list[str] = []
    left_out: Counter[str] = Counter()
    digest = hashlib.sha256()
    rows = formats.read_rows(data, root, format, type_order)
    for where, row in tqdm(rows, desc=f"reading {data.name}", unit=" rows", disable=None, delay=1):
        if isinstance(row, str):
            problems.append(_said(where, row))
        elif isinstance(row, Note):
            notes.append(_said(where, row.words))
        elif isinstance(row, LeftOut):
            left_out[row.name] += 1
        else:
            said = ((column, cell) for column, cell in sorted(row.items()) if column != UNCHECKED)
            digest.update(repr(list(said)).encode())
            usable.append((where, row))
    called = label_of((row["label"] for _, row in usable if row.get("label")), class_names)
    _log_renamed(called)
    examples: list[Example] = []
    boxes = _Boxes()
    for where, row in usable:
        try:
            label = called[row["label"]] if row["label"] else ""
            if label is None:
                left_out[row["label"]] += 1
            else:
                packed = data if format == "packed" else None
                path = packed or pictures.picture(row["path"])
                row = _upright(boxes.fitted(row, path), turned_boxes)
                examples.append(_example(row, label, path, root, packed=packed is not None))
        except (KeyError, ValueError) as problem:
            reason = f"no column {problem}" if isinstance(problem, KeyError) else str(problem)
            problems.append(_said(where, reason))
    boxes.require(data)
    notes += _of_all(data, examples)
    if pictures.outside:
        log.warning("%d pictures are outside of %s, named by absolute paths", pictures.outside, root)
    log_left_out(left_out, "of things that are no faces")
    for note in notes:
        log.warning(note)
    if data.is_dir() and (litter := count_litter(data)):
        notes.append(f"{litter} hidden files, and files that systems leave behind, were passed over")
        log.info(notes[-1])
    _log_problems(problems)
    if not examples:
        raise RecordError(f"{data}: no usable row. {problems[0] if problems else 'It is empty.'}")
    manifest = Manifest(tuple(examples), tuple(problems), dict(left_out), digest.hexdigest(), tuple(notes))
    return manifest.only(labels) if labels else manifest


class _Boxes:
    """Boxes that their reader could not fit to their pictures."""

    def __init__(self) -> None:
        self._size = cache(upright_size)
        self._readings: dict[str, Readings] = {}

    def fitted(self, row: Row, path: Path) -> Row:
        """Raises `ValueError`."""
        if UNCHECKED not in row:
            return row
        if missing := [corner for corner in _CORNERS if not row[corner].strip()]:
            raise ValueError(f"a box without {missing[0]}")
        x1, y1, x2, y2 = (number(row[corner]) for corner in _CORNERS)
        try:
            kind, size = row[UNCHECKED], self._size(path)
        except ValueError:  # no picture, which is said where it is read
            return row
        if kind != SHARES:
            self._readings.setdefault(kind, Readings(kind)).add((x1, y1, x2, y2), size)
        return row | fitted((x1, y1, x2, y2), size, path.name, in_shares=kind == SHARES)

    def require(self, data: Path) -> None:
        for readings in self._readings.values():
            readings.require(data, "Name the box by what it holds: x1,y1,x2,y2 or x,y,w,h")


def _of_all(data: Path, examples: Sequence[Example]) -> list[str]:
    """What only all faces together show. Raises `RecordError`."""
    boxed = [e for e in examples if e.box]
    some = boxed[:: math.ceil(len(boxed) / _LOOKED_AT) or 1]
    sized: list[tuple[Box, tuple[int, int]]] = []
    for example in some:
        with suppress(ValueError):  # no picture, which is said where it is read
            if example.box:
                sized.append((example.box, upright_size(example.path)[:2]))
    problem, sure = scale_problem(sized)
    if sure:
        raise RecordError(f"{data}: {problem}. Give boxes in pixels, or in shares from 0 to 1.")
    notes = [problem] if problem else []
    labels = sorted({e.label for e in examples})
    if labels and all(map(str.isdecimal, labels)):
        notes.append(
            f"its classes are numbers ({', '.join(labels[:10])}): --class {labels[0]}=with_mask names one"
        )
    faces = Counter((e.path, e.row, e.box, e.label) for e in examples)
    if twice := len(examples) - len(faces):
        notes.append(f"faces that are in the data more than once: {twice}")
    labelled = Counter((path, row, box) for path, row, box, _ in faces)
    if several := [path for (path, _, _), n in labelled.items() if n > 1]:
        notes.append(
            f"faces that have several labels: {len(several)}, such as one in {printable(several[0].name)}"
        )
    return notes


def _example(row: Row, label: str, path: Path, root: Path, *, packed: bool) -> Example:
    row = {column: writable(cell) for column, cell in row.items()}
    if not label:
        raise ValueError("no label")
    corners = [row.get(corner, "") for corner in _CORNERS]
    box = _box(corners) if any(corners) else None
    face_px = float(row.get("face_px") or "nan")
    if face_px <= 0 or math.isinf(face_px):
        raise ValueError(f"face_px {face_px:g} is no size in pixels")
    if box and math.isnan(face_px):
        face_px = max(box[2] - box[0], box[3] - box[1])
    source = row.get("source") or writable(root.resolve().name)
    return Example(
        path=path,
        label=label,
        source=source,
        group=f"{source}/{row.get('group') or row['path']}",
        split=split_named(row.get("split", "")),
        box=box,
        face_px=face_px,
        gender=row.get("gender", ""),
        synthetic=row.get("drawn", "").lower() in ("1", "true", "yes"),
        row=int(row["row"]) if packed else None,
        subtype=row.get("subtype", ""),
    )


def _box(corners: list[str]) -> Box:
    """Raises `ValueError`."""
    x1, y1, x2, y2 = map(float, corners)
    if not (-math.inf < x1 < x2 < math.inf and -math.inf < y1 < y2 < math.inf):
        raise ValueError(f"box {x1, y1, x2, y2} is empty, turned round or not finite")
    return x1, y1, x2, y2


def _upright(row: Row, turned_boxes: TurnedBoxes | None) -> Row:
    """The row of a box on the upright picture. Raises `ValueError` where that cannot be told."""
    if IF_STORED not in row:
        return row
    if turned_boxes is None:
        raise ValueError(
            "its picture is marked as turned (EXIF), and nothing tells whether its boxes were drawn on it as "
            "stored or upright. Say --turned-boxes stored, or --turned-boxes upright"
        )
    stored = dict(zip(_CORNERS, row[IF_STORED].split(), strict=True))
    return {k: v for k, v in row.items() if k != IF_STORED} | (stored if turned_boxes == "stored" else {})


def _said(where: str, reason: str) -> str:
    """Parts of both are untrusted: one line, without characters that steer a terminal."""
    return f"{printable(where)}: {printable(reason, longest=300)}"


def _log_problems(problems: Sequence[str]) -> None:
    for message in problems[:_SHOWN]:
        log.warning(message)
    if len(problems) > _SHOWN:
        log.warning("and %d more rows left out", len(problems) - _SHOWN)


def _log_renamed(called: Mapping[str, str | None]) -> None:
    renamed = [f"{printable(name)} is {label}" for name, label in called.items() if label and label != name]
    if renamed:
        log.info("Class names: %s", ", ".join(renamed))
