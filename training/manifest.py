"""Which pictures to learn from: a MANIFEST (CSV) or a FOLDER of folders, read into one form."""

from __future__ import annotations

import csv
import hashlib
import logging
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.errors import RecordError
from core.images import SUFFIXES
from core.labels import LabelSet
from core.results import Box

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Example:
    """One face: where its picture is, what it shows, where it comes from.

    Near-twins share a `group`, so that no split may part them. `split` is empty when the data has none.
    `face_px` is the face's size where it was found, NaN when not given. `drawn`: the mask was drawn by
    `core.mask_drawing`. `row` is the place in a packed file, None where `path` is a picture.
    """

    path: Path
    label: str
    source: str
    group: str
    split: str = ""
    box: Box | None = None
    face_px: float = float("nan")
    gender: str = ""
    drawn: bool = False
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """The examples, the rows that could not be used with the reason, and what identifies the whole."""

    examples: tuple[Example, ...]
    problems: tuple[str, ...]
    sha256: str
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def label_names(self) -> tuple[str, ...]:
        return tuple(sorted({example.label for example in self.examples}))

    def only(self, labels: LabelSet) -> Manifest:
        """The examples of a label set; the others are counted. Raises `RecordError` when none is left."""
        kept = tuple(e for e in self.examples if e.label in labels.labels)
        left_out = Counter(e.label for e in self.examples if e.label not in labels.labels)
        if left_out:
            log.info("Left out, since %s has no such label: %s", labels.name, dict(left_out))
        if not kept:
            raise RecordError(f"No picture is of {', '.join(labels)}; the data has {', '.join(left_out)}.")
        return replace(self, examples=kept, left_out=left_out)

    def of_split(self, *names: str) -> tuple[Example, ...]:
        return tuple(example for example in self.examples if example.split in names)


def read_manifest(data: Path, labels: LabelSet | None = None) -> Manifest:
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


def _example(row: dict[str, str], root: Path, labels: LabelSet | None) -> Example:
    if labels:
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
        gender=row.get("gender", ""),
        drawn=row.get("drawn", "").lower() in ("1", "true", "yes"),
    )
