"""What existing detectors know of the training pictures: face points, and faces that nobody labelled.

    python -m training.detection.teach --data SCENES_MANIFEST --output TAUGHT.csv --ultraface ONNX
        [--yunet ONNX] [--faces FACES_MANIFEST]

Each row of TAUGHT.csv is a box in a picture of the data:

    points   a labelled face, with the five points that YuNet sees in it; in pictures that are a face, of
             `--faces`, the box is YuNet's too
    face     a face without a label that both detectors find
    ignored  where only one of them finds a face without a label: neither face nor ground to training

The test part is not looked at.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from tqdm import tqdm

from core.boxes import iou
from core.detection import YuNetDetector, find_yunet, search_in_tiles
from core.errors import MaskwiseError, RecordError
from core.images import read_image
from core.results import Box, Detection, Frame
from core.text import printable
from training.data import add_data_options, open_table, read_data
from training.detection.scenes import LEARNED, Scene, key, read_scenes, single_faces, tell_apart
from training.detection.ultraface import UltraFace

Kind = Literal["points", "face", "ignored"]
KINDS: tuple[Kind, ...] = get_args(Kind)
COLUMNS = ("path", "kind", "x1", "y1", "x2", "y2", *(f"point{n}_{axis}" for n in range(5) for axis in "xy"))
SAME_FACE = 0.4  # IoU
MAY_BE_LABELLED = 0.15  # IoU with a labelled face, whose box somebody drew in another way
YUNET_SCORE, ULTRAFACE_SCORE = 0.5, 0.7  # from here on a detector's word counts
FACE_SCORE = 0.7  # for a picture that is said to be a face, and may be spoiled


@dataclass(frozen=True, slots=True)
class Lesson:
    """A row: a box in pixels, and the five points (x, y) in order of `Detection.landmarks`, or None."""

    kind: Kind
    box: Box
    landmarks: tuple[tuple[float, float], ...] | None = None


def lessons(
    labelled: Sequence[Box], by_yunet: Sequence[Detection], by_ultraface: Sequence[Detection]
) -> Iterator[Lesson]:
    """What two detectors add to the labelled boxes of one picture."""
    first, second = _boxes(d.box for d in by_yunet), _boxes(d.box for d in by_ultraface)
    truth = _boxes(labelled)
    for box, overlaps in zip(labelled, iou(truth, first), strict=True):
        if overlaps.size and overlaps.max() >= SAME_FACE:
            yield Lesson("points", box, by_yunet[int(overlaps.argmax())].landmarks)
    agreed = iou(first, second)
    for i, found in enumerate(by_yunet):
        if not _touches(found.box, truth):
            partner = agreed[i].max(initial=0) >= SAME_FACE
            yield Lesson("face" if partner else "ignored", found.box, found.landmarks if partner else None)
    for j, found in enumerate(by_ultraface):
        if not _touches(found.box, truth) and agreed[:, j].max(initial=0) < SAME_FACE:
            yield Lesson("ignored", found.box)


def _boxes(boxes: Iterable[Box]) -> np.ndarray:
    return np.array(list(boxes), float).reshape(-1, 4)


def _touches(box: Box, truth: np.ndarray) -> bool:
    return bool((iou(np.array([box]), truth) > MAY_BE_LABELLED).any())


def lesson_of_face(frame: Frame, yunet: YuNetDetector) -> Lesson | None:
    """The one face that fills most of a picture; None where YuNet sees no such, as in a spoiled picture."""
    found = yunet.detect(frame, FACE_SCORE)
    if len(found) != 1:
        return None
    large = found[0].side > 0.4 * max(frame.width, frame.height)
    return Lesson("points", found[0].box, found[0].landmarks) if large else None


def teach(scene: Scene, frame: Frame, yunet: YuNetDetector, ultraface: UltraFace) -> list[Lesson]:
    """`lessons` of one scene, `frame` being its picture."""
    by_ultraface = search_in_tiles(frame, lambda rgb: ultraface.detect_once(rgb, ULTRAFACE_SCORE))
    return list(lessons(scene.boxes, yunet.detect(frame, YUNET_SCORE), by_ultraface))


def write_lessons(path: Path, rows: Iterable[tuple[str, Lesson]]) -> None:
    """Lessons, each with the `key` of its picture."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for name, lesson in rows:
            points = [c for point in lesson.landmarks or () for c in point]
            numbers = [round(float(v), 2) for v in (*lesson.box, *points)]
            writer.writerow([name, lesson.kind, *numbers, *[""] * (10 - len(points))])


def read_lessons(path: Path) -> dict[str, list[Lesson]]:
    """Lessons by their picture's `key`. Raises `RecordError`."""
    found: dict[str, list[Lesson]] = {}
    line = 1
    try:
        with open_table(path) as lines:
            for row in (reader := csv.DictReader(lines)):
                line = reader.line_num
                found.setdefault(row["path"], []).append(_lesson(row))
    except KeyError as problem:
        raise _unreadable(path, f"there is no column {problem}") from None
    except (OSError, ValueError, csv.Error) as problem:
        raise _unreadable(path, f"line {line}: {problem}") from None
    return found


def _lesson(row: Mapping[str, str | None]) -> Lesson:
    """A row's lesson. Raises `KeyError` or `ValueError`."""
    kind = next((kind for kind in KINDS if kind == row["kind"]), None)
    if kind is None:
        raise ValueError(f"kind {printable(str(row['kind']))} is none of {', '.join(KINDS)}")
    x1, y1, x2, y2 = (float(row[name] or "nan") for name in COLUMNS[2:6])
    if not (-math.inf < x1 < x2 < math.inf and -math.inf < y1 < y2 < math.inf):
        raise ValueError(f"box {x1, y1, x2, y2} is empty, turned round or not finite")
    points = [float(row[name] or "nan") for name in COLUMNS[6:]]
    if all(map(math.isnan, points)):
        return Lesson(kind, (x1, y1, x2, y2))
    if not all(map(math.isfinite, points)):
        raise ValueError("some points are not given, or not finite")
    return Lesson(kind, (x1, y1, x2, y2), tuple(zip(points[::2], points[1::2], strict=True)))


def _unreadable(path: Path, reason: str) -> RecordError:
    return RecordError(f"{path}: cannot be read: {reason}. Write it again by training.detection.teach.")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.detection.teach", description="Ask detectors.")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--ultraface", type=Path, required=True, help="ONNX of UltraFace")
    parser.add_argument("--yunet", type=Path, help="ONNX of YuNet; default as the app finds it")
    parser.add_argument(
        "--faces", type=Path, metavar="MANIFEST", help="pictures that are a face each, to paste"
    )
    parser.add_argument("--most-faces", type=int, default=8000, help="of --faces, drawn by chance")
    add_data_options(parser)
    options = parser.parse_args(arguments)
    try:
        manifest = read_data(options)
        yunet, ultraface = YuNetDetector(find_yunet(options.yunet)), UltraFace(options.ultraface)
        rows: list[tuple[str, Lesson]] = []
        scenes, singles = read_scenes(manifest, LEARNED), single_faces(options.faces, options.most_faces)
        tell_apart([*(scene.path for scene in scenes), *(face.path for face in singles)])
        for scene in tqdm(scenes, unit=" pictures", disable=None):
            rows += [(key(scene.path), it) for it in teach(scene, read_image(scene.path), yunet, ultraface)]
        for face in tqdm(singles, unit=" faces", disable=None):
            if lesson := lesson_of_face(read_image(face.path), yunet):
                rows.append((key(face.path), lesson))
        write_lessons(options.output, rows)
    except MaskwiseError as problem:
        parser.exit(1, f"error: {problem}\n")
    for kind in KINDS:
        print(f"{kind:8} {sum(lesson.kind == kind for _, lesson in rows):6}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
