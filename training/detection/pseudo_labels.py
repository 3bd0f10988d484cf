"""What existing detectors know of pictures to learn from: face points, and faces that nobody labelled.

`training.detection.teach` writes them into a CSV, a row for each:

    points   a labelled face, with the five points that YuNet sees in it; in pictures that are a face the box
             is YuNet's too
    face     a face without a label that both detectors find
    ignored  where only one of them finds a face without a label: neither face nor ground to training
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from core.boxes import iou
from core.detection import YuNetDetector
from core.errors import RecordError
from core.results import Box, Detection, Frame
from core.text import printable
from training.data import open_table

Kind = Literal["points", "face", "ignored"]
KINDS: tuple[Kind, ...] = get_args(Kind)
COLUMNS = ("path", "kind", "x1", "y1", "x2", "y2", *(f"point{n}_{axis}" for n in range(5) for axis in "xy"))
SAME_FACE = 0.4  # IoU
MAY_BE_LABELLED = 0.15  # IoU with a labelled face, whose box somebody drew in another way
FACE_SCORE = 0.7  # for a picture that is said to be a face, and may be spoiled


@dataclass(frozen=True, slots=True)
class PseudoLabel:
    """A row: a box in pixels, and the five points (x, y) in order of `Detection.landmarks`, or None."""

    kind: Kind
    box: Box
    landmarks: tuple[tuple[float, float], ...] | None = None


def label_by_detectors(
    labelled: Sequence[Box], by_yunet: Sequence[Detection], by_ultraface: Sequence[Detection]
) -> Iterator[PseudoLabel]:
    """What two detectors add to the labelled boxes of one picture."""
    first, second = _boxes(d.box for d in by_yunet), _boxes(d.box for d in by_ultraface)
    truth = _boxes(labelled)
    for box, overlaps in zip(labelled, iou(truth, first), strict=True):
        if overlaps.size and overlaps.max() >= SAME_FACE:
            yield PseudoLabel("points", box, by_yunet[int(overlaps.argmax())].landmarks)
    agreed = iou(first, second)
    for i, found in enumerate(by_yunet):
        if not _touches(found.box, truth):
            partner = agreed[i].max(initial=0) >= SAME_FACE
            points = found.landmarks if partner else None
            yield PseudoLabel("face" if partner else "ignored", found.box, points)
    for j, found in enumerate(by_ultraface):
        if not _touches(found.box, truth) and agreed[:, j].max(initial=0) < SAME_FACE:
            yield PseudoLabel("ignored", found.box)


def _boxes(boxes: Iterable[Box]) -> np.ndarray:
    return np.array(list(boxes), float).reshape(-1, 4)


def _touches(box: Box, truth: np.ndarray) -> bool:
    return bool((iou(np.array([box]), truth) > MAY_BE_LABELLED).any())


def pseudo_label_of_face(frame: Frame, yunet: YuNetDetector) -> PseudoLabel | None:
    """The one face that fills most of a picture; None where YuNet sees no such, as in a spoiled picture."""
    found = yunet.detect(frame, FACE_SCORE)
    if len(found) != 1:
        return None
    large = found[0].side > 0.4 * max(frame.width, frame.height)
    return PseudoLabel("points", found[0].box, found[0].landmarks) if large else None


def write_pseudo_labels(path: Path, rows: Iterable[tuple[str, PseudoLabel]]) -> None:
    """CSV, each label with the `key` of its picture."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for name, label in rows:
            points = [c for point in label.landmarks or () for c in point]
            numbers = [round(float(v), 2) for v in (*label.box, *points)]
            writer.writerow([name, label.kind, *numbers, *[""] * (10 - len(points))])


def read_pseudo_labels(path: Path) -> dict[str, list[PseudoLabel]]:
    """The labels by their picture's `key`. Raises `RecordError`."""
    found: dict[str, list[PseudoLabel]] = {}
    line = 1
    try:
        with open_table(path) as lines:
            for row in (reader := csv.DictReader(lines)):
                line = reader.line_num
                found.setdefault(row["path"], []).append(_pseudo_label(row))
    except KeyError as problem:
        raise _unreadable(path, f"there is no column {problem}") from None
    except (OSError, ValueError, csv.Error) as problem:
        raise _unreadable(path, f"line {line}: {problem}") from None
    return found


def _pseudo_label(row: Mapping[str, str | None]) -> PseudoLabel:
    """A row's label. Raises `KeyError` or `ValueError`."""
    kind = next((kind for kind in KINDS if kind == row["kind"]), None)
    if kind is None:
        raise ValueError(f"kind {printable(str(row['kind']))} is none of {', '.join(KINDS)}")
    x1, y1, x2, y2 = (float(row[name] or "nan") for name in COLUMNS[2:6])
    if not (-math.inf < x1 < x2 < math.inf and -math.inf < y1 < y2 < math.inf):
        raise ValueError(f"box {x1, y1, x2, y2} is empty, turned round or not finite")
    points = [float(row[name] or "nan") for name in COLUMNS[6:]]
    if all(map(math.isnan, points)):
        return PseudoLabel(kind, (x1, y1, x2, y2))
    if not all(map(math.isfinite, points)):
        raise ValueError("some points are not given, or not finite")
    return PseudoLabel(kind, (x1, y1, x2, y2), tuple(zip(points[::2], points[1::2], strict=True)))


def _unreadable(path: Path, reason: str) -> RecordError:
    return RecordError(f"{path}: cannot be read: {reason}. Write it again by training.detection.teach.")
