"""What existing detectors know of pictures to learn from: face points, and faces that nobody labelled.

`training.detection.teach` writes them into a CSV, a row for each:

    points   a labelled face, with the five points that a teacher sees in it; in pictures that are a face the
             box is the teacher's, too
    face     a face without a label of which the teachers are sure, together; `score` says how sure
    ignored  where they are less sure of a face without a label: neither face nor ground to training

`teacher` names those that it is from, joined by "+".
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
from core.detection import best_scores, nms_faces
from core.errors import RecordError
from core.results import Box, Detection
from core.text import printable
from training.data import open_table

Kind = Literal["points", "face", "ignored"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BOX_COLUMNS = ("x1", "y1", "x2", "y2")
POINT_COLUMNS = tuple(f"point{n}_{axis}" for n in range(5) for axis in "xy")
COLUMNS = ("path", "kind", *BOX_COLUMNS, *POINT_COLUMNS, "score", "teacher")
SAME_FACE = 0.4  # IoU
MAY_BE_LABELLED = 0.15  # IoU with a labelled face, whose box somebody drew in another way
AGREED = 0.5  # mean score of the two surest teachers from which what nobody labelled is a face
FACE_SCORE = 0.6  # for a picture that is said to be a face, and may be spoiled


@dataclass(frozen=True, slots=True)
class PseudoLabel:
    """A row: a box in pixels, and the five points (x, y) in order of `Detection.landmarks`, or None."""

    kind: Kind
    box: Box
    landmarks: tuple[tuple[float, float], ...] | None = None
    score: float = 1.0
    teachers: tuple[str, ...] = ()


def pseudo_labels_of_scene(
    labelled: Sequence[Box], by_teacher: Mapping[str, Sequence[Detection]]
) -> Iterator[PseudoLabel]:
    """What teachers add to the labelled boxes of one picture. `by_teacher`: the faces that each found."""
    truth = _boxes(labelled)
    found = nms_faces([face for faces in by_teacher.values() for face in faces])
    fits = iou(truth, _boxes(face.box for face in found))
    for box, overlaps in zip(labelled, fits, strict=True):
        if overlaps.size and overlaps.max() >= SAME_FACE:
            best = found[int(overlaps.argmax())]
            yield PseudoLabel("points", box, best.landmarks, 1.0, (best.detector,))
    for face in found:
        if labelled and (iou(_boxes([face.box]), truth) > MAY_BE_LABELLED).any():
            continue
        scores = {name: float(best_scores([face], faces, SAME_FACE)[0]) for name, faces in by_teacher.items()}
        support = float(np.mean(sorted(scores.values())[-2:]))
        names = tuple(sorted(name for name, score in scores.items() if score))
        if support >= AGREED:
            yield PseudoLabel("face", face.box, face.landmarks, support, names)
        else:
            yield PseudoLabel("ignored", face.box, None, support, names)


def pseudo_label_of_face(found: Sequence[Detection], width: int, height: int) -> PseudoLabel | None:
    """The one face that fills most of a picture of that size, of what a teacher found there.

    None where it is not sure of one, as in a spoiled picture.
    """
    large = [face for face in found if face.side > 0.4 * max(width, height) and face.score >= FACE_SCORE]
    if len(large) != 1:
        return None
    return PseudoLabel("points", large[0].box, large[0].landmarks, 1.0, (large[0].detector,))


def _boxes(boxes: Iterable[Box]) -> np.ndarray:
    return np.array(list(boxes), float).reshape(-1, 4)


def write_pseudo_labels(path: Path, rows: Iterable[tuple[str, PseudoLabel]]) -> None:
    """CSV, each label with the `key` of its picture."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for name, label in rows:
            points = [c for point in label.landmarks or () for c in point]
            numbers = [round(float(v), 2) for v in (*label.box, *points)]
            blank = [""] * (10 - len(points))
            teachers = "+".join(label.teachers)
            writer.writerow([name, label.kind, *numbers, *blank, round(label.score, 3), teachers])


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
    box = _box([row[name] for name in BOX_COLUMNS])
    points = [float(row[name] or "nan") for name in POINT_COLUMNS]
    landmarks = None
    if not all(map(math.isnan, points)):
        if not all(map(math.isfinite, points)):
            raise ValueError("some points are not given, or not finite")
        landmarks = tuple(zip(points[::2], points[1::2], strict=True))
    score = float(row.get("score") or 1)  # files of before had none, nor a teacher
    if not 0 <= score <= 1:
        raise ValueError(f"score {score} is not from 0 to 1")
    teachers = tuple(printable(name) for name in (row.get("teacher") or "").split("+") if name)
    return PseudoLabel(kind, box, landmarks, score, teachers)


def _box(values: Sequence[str | None]) -> Box:
    x1, y1, x2, y2 = (float(value or "nan") for value in values)
    if not (-math.inf < x1 < x2 < math.inf and -math.inf < y1 < y2 < math.inf):
        raise ValueError(f"box {x1, y1, x2, y2} is empty, turned round or not finite")
    return x1, y1, x2, y2


def _unreadable(path: Path, reason: str) -> RecordError:
    return RecordError(f"{path}: cannot be read: {reason}. Write it again by training.detection.teach.")
