"""Which pictures to learn from: data of any format in `training.data.formats`, read into one form."""

from __future__ import annotations

import hashlib
import logging
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from core.errors import RecordError
from core.labels import LabelSet
from core.results import Box
from core.text import printable
from training.data import formats
from training.data.example import Example, Manifest, log_left_out
from training.data.formats.class_names import label_of
from training.data.formats.file_names import CORRECTED
from training.data.formats.rows import Row, split_named
from training.data.picture_folder import PictureFolder

log = logging.getLogger(__name__)

_SHOWN = 10  # problems in the log; a manifest holds them all


def read_manifest(
    data: Path,
    labels: LabelSet | None = None,
    *,
    format: str | None = None,
    images: Path | None = None,
    type_order: str = CORRECTED,
) -> Manifest:
    """Read a file or folder of a format in `formats.READERS`, by default the one that `formats.detect` finds.

    `images` is the folder of the pictures where that is not the folder of `data`: no path in a manifest leads
    out of it. `type_order` is for
    "file-names". Class names of other people become our labels; with `labels` only those are kept. A row that
    cannot be used is named and counted, the rest kept. Raises `RecordError` when none is left.
    """
    for folder in (data, images):
        if folder is not None and not folder.exists():
            raise RecordError(f"{folder}: is not there. Check the path.")
    format = format or formats.detect(data)
    root = images or (data.parent if format == "manifest" else formats.root_of(data))
    pictures = PictureFolder(root, named=images is not None or data.is_dir())
    usable: list[tuple[str, Row]] = []
    problems: list[str] = []
    digest = hashlib.sha256()
    rows = formats.read_rows(data, root, format, type_order)
    for where, row in tqdm(rows, desc=f"reading {data.name}", unit=" rows", disable=None, delay=1):
        if isinstance(row, str):
            problems.append(_said(where, row))
        else:
            digest.update(repr(sorted(row.items())).encode())
            usable.append((where, row))
    called = label_of(row["label"] for _, row in usable if row.get("label"))
    _log_renamed(called)
    examples: list[Example] = []
    left_out: Counter[str] = Counter()
    for where, row in usable:
        try:
            label = called[row["label"]] if row["label"] else ""
            if label is None:
                left_out[row["label"]] += 1
            else:
                packed = data if format == "packed" else None
                examples.append(_example(row, label, root, pictures, packed))
        except (KeyError, ValueError) as problem:
            reason = f"no column {problem}" if isinstance(problem, KeyError) else str(problem)
            problems.append(_said(where, reason))
    if pictures.outside:
        log.warning("%d pictures are outside of %s, named by absolute paths", pictures.outside, root)
    log_left_out(left_out, "of things that are no faces")
    _log_problems(problems)
    if not examples:
        raise RecordError(f"{data}: no usable row. {problems[0] if problems else 'It is empty.'}")
    manifest = Manifest(tuple(examples), tuple(problems), dict(left_out), digest.hexdigest())
    return manifest.only(labels) if labels else manifest


def _example(row: Row, label: str, root: Path, pictures: PictureFolder, packed: Path | None) -> Example:
    try:
        "".join(row.values()).encode()
    except UnicodeEncodeError:
        raise ValueError("holds a name that is not UTF-8. Rename the file") from None
    path = packed or pictures.picture(row["path"])
    if not label:
        raise ValueError("no label")
    box = _box([row.get(k, "") for k in ("x1", "y1", "x2", "y2")])
    face_px = float(row.get("face_px") or "nan")
    if face_px <= 0 or math.isinf(face_px):
        raise ValueError(f"face_px {face_px:g} is no size in pixels")
    if box and math.isnan(face_px):
        face_px = max(box[2] - box[0], box[3] - box[1])
    source = row.get("source") or root.resolve().name
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


def _box(corners: list[str]) -> Box | None:
    if not any(corners):
        return None
    x1, y1, x2, y2 = map(float, corners)
    if not (-math.inf < x1 < x2 < math.inf and -math.inf < y1 < y2 < math.inf):
        raise ValueError(f"box {x1, y1, x2, y2} is empty, turned round or not finite")
    return x1, y1, x2, y2


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
