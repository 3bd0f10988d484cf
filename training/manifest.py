"""Which pictures to learn from: a MANIFEST (CSV) or a FOLDER of folders, read into one form."""

from __future__ import annotations

import csv
import hashlib
import logging
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.crops import crop_face, to_input
from core.errors import ImageError, RecordError
from core.images import SUFFIXES, read_image
from core.labels import LabelSet
from core.results import Box

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Example:
    """One face: where its picture is, what it shows, where it comes from.

    Near-twins share a `group`, so that no split may part them. `split` is empty when the data has none.
    `face_px` is the face's size where it was found, NaN when not given.
    """

    path: Path
    label: str
    source: str
    group: str
    split: str = ""
    box: Box | None = None
    face_px: float = float("nan")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The examples, the rows that could not be used with the reason, and what identifies the whole."""

    examples: tuple[Example, ...]
    problems: tuple[str, ...]
    sha256: str

    def of_split(self, *names: str) -> tuple[Example, ...]:
        return tuple(example for example in self.examples if example.split in names)


def read_manifest(data: Path, labels: LabelSet) -> Manifest:
    """Read `path,label[,x1,y1,x2,y2][,source][,group][,split][,face_px]`, or `<label>/<images>` folders.

    A row that cannot be used is named and counted, the rest kept. Raises `RecordError` when none is left.
    """
    rows = _folder_rows(data) if data.is_dir() else _csv_rows(data)
    examples, problems, digest = [], [], hashlib.sha256()
    for where, row in rows:
        digest.update(repr(sorted(row.items())).encode())
        try:
            examples.append(_example(row, data if data.is_dir() else data.parent, labels))
        except (KeyError, ValueError, RecordError) as problem:
            reason = f"no column {problem}" if isinstance(problem, KeyError) else str(problem)
            problems.append(f"{where}: {reason}")
    for message in problems[:10]:
        log.warning(message)
    if len(problems) > 10:
        log.warning("and %d more rows left out", len(problems) - 10)
    if not examples:
        raise RecordError(f"{data}: no usable row. {problems[0] if problems else 'It is empty.'}")
    return Manifest(tuple(examples), tuple(problems), digest.hexdigest())


def _csv_rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                yield f"{path.name} line {number}", {k: v or "" for k, v in row.items() if k}
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise RecordError(
            f"{path}: cannot be read ({problem}). Give a CSV with the columns path,label."
        ) from None


def _folder_rows(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    for path in sorted(folder.glob("*/*")):
        if path.suffix.lower() in SUFFIXES:
            relative = path.relative_to(folder)
            yield str(relative), {"path": str(relative), "label": relative.parts[0]}


def _example(row: dict[str, str], root: Path, labels: LabelSet) -> Example:
    labels.index(row["label"])
    path = root / row["path"]
    if not row["path"] or not path.is_file():
        raise ValueError(f"no picture at {row['path'] or '(empty path)'}")
    corners = [row.get(k, "") for k in ("x1", "y1", "x2", "y2")]
    box: Box | None = None
    if any(corners):
        x1, y1, x2, y2 = map(float, corners)
        if not (-math.inf < x1 < x2 < math.inf and -math.inf < y1 < y2 < math.inf):
            raise ValueError(f"box {x1, y1, x2, y2} is empty, turned round or not finite")
        box = (x1, y1, x2, y2)
    source = row.get("source") or root.name
    return Example(
        path=path,
        label=row["label"],
        source=source,
        group=f"{source}/{row.get('group') or row['path']}",
        split=row.get("split", ""),
        box=box,
        face_px=float(row.get("face_px") or "nan"),
    )


def load_crop(example: Example, crop_scale: float) -> np.ndarray:
    """The face's crop (H, W, 3) uint8 RGB. Raises `ImageError`."""
    frame = read_image(example.path)
    if example.box is None:
        return frame.rgb
    x1, y1, x2, y2 = example.box
    if max(x2 - x1, y2 - y1) > max(frame.width, frame.height):  # else a slip in a digit fills the memory
        raise ImageError(
            f"{example.path.name}: box {example.box} is larger than the picture. Correct its row."
        )
    try:
        return crop_face(frame, example.box, crop_scale)
    except ValueError as problem:
        raise ImageError(f"{example.path.name}: {problem}. Correct its row in the manifest.") from None


def load_crops(
    examples: Sequence[Example], size: int, crop_scale: float
) -> tuple[np.ndarray, list[Example], list[str]]:
    """(N, size, size, 3) uint8 RGB, the examples they show, and what could not be read."""

    def load(example: Example) -> np.ndarray | str:
        try:
            return to_input(load_crop(example, crop_scale), size)
        except ImageError as problem:
            return str(problem)

    with ThreadPoolExecutor() as pool:
        loaded = list(pool.map(load, examples))
    unreadable = [found for found in loaded if isinstance(found, str)]
    for message in unreadable:
        log.warning(message)
    kept = [(e, c) for e, c in zip(examples, loaded, strict=True) if not isinstance(c, str)]
    crops = np.stack([c for _, c in kept]) if kept else np.empty((0, size, size, 3), np.uint8)
    return crops, [e for e, _ in kept], unreadable
