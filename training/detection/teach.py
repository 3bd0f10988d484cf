"""What existing detectors know of the training pictures: face points, and faces that nobody labelled.

    python -m training.detection.teach --data SCENES_MANIFEST --output TAUGHT.csv --ultraface ONNX [--yunet ONNX]
        [--faces FACES_MANIFEST]

Each row of TAUGHT.csv is a box in a picture of the data:

    points   a labelled face, with the five points that YuNet sees in it; in pictures that are a face, of `--faces`,
             the box is YuNet's too
    face     a face without a label that both detectors find
    ignored  where only one of them finds a face without a label: training takes it neither for face nor ground

The test part is not looked at.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from tqdm import tqdm

from core.detection_metrics import iou
from core.errors import MaskwiseError, RecordError
from core.images import read_image
from core.results import Box, Detection, Frame
from core.search import search_in_tiles
from core.yunet import YuNetDetector, find_yunet
from training.detection.scenes import LEARNED, Scene, key, read_scenes, single_faces
from training.detection.ultraface import UltraFace
from training.options import add_data_options, read_data

Kind = Literal["points", "face", "ignored"]
COLUMNS = ("path", "kind", "x1", "y1", "x2", "y2", *(f"point{n}_{axis}" for n in range(5) for axis in "xy"))
SAME_FACE = 0.4  # IoU
# Below these a teacher's word alone counts for nothing; at twice the evidence, both together, it is a face.
YUNET_SCORE, ULTRAFACE_SCORE = 0.5, 0.7
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


def _boxes(boxes: object) -> np.ndarray:
    return np.array(list(boxes), float).reshape(-1, 4)  # type: ignore[call-overload]


def _touches(box: Box, truth: np.ndarray) -> bool:
    """Whether a box may be that of a labelled face, drawn otherwise."""
    return bool((iou(np.array([box]), truth) > 0.15).any())


def lesson_of_face(frame: Frame, yunet: YuNetDetector) -> Lesson | None:
    """The face that fills most of a picture; None when YuNet does not see it, as where the picture is spoiled."""
    found = yunet.detect(frame, FACE_SCORE)
    if not found:
        return None
    face = max(found, key=lambda d: (d.box[2] - d.box[0]) * (d.box[3] - d.box[1]))
    side = max(face.box[2] - face.box[0], face.box[3] - face.box[1]) / max(frame.width, frame.height)
    return Lesson("points", face.box, face.landmarks) if len(found) == 1 and side > 0.4 else None


def teach(scene: Scene, frame: Frame, yunet: YuNetDetector, ultraface: UltraFace) -> list[Lesson]:
    by_ultraface = search_in_tiles(frame, lambda rgb: ultraface.detect_once(rgb, ULTRAFACE_SCORE))
    return list(lessons(scene.boxes, yunet.detect(frame, YUNET_SCORE), by_ultraface))


def write_lessons(path: Path, rows: Iterator[tuple[str, Lesson]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for name, lesson in rows:
            points = [c for point in lesson.landmarks or () for c in point]
            numbers = [round(float(v), 2) for v in (*lesson.box, *points)]
            writer.writerow([name, lesson.kind, *numbers, *[""] * (10 - len(points))])


def read_lessons(path: Path) -> dict[str, list[Lesson]]:
    """Lessons by picture path. Raises `RecordError`."""
    found: dict[str, list[Lesson]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                x1, y1, x2, y2 = (float(row[k]) for k in COLUMNS[2:6])
                values = [float(row[k]) for k in COLUMNS[6:] if row[k]]
                points = tuple(zip(values[::2], values[1::2], strict=True)) if len(values) == 10 else None
                if row["kind"] not in ("points", "face", "ignored"):
                    raise ValueError(f"unknown kind {row['kind']!r}")
                found.setdefault(row["path"], []).append(Lesson(row["kind"], (x1, y1, x2, y2), points))
    except (OSError, KeyError, ValueError, TypeError) as problem:
        raise RecordError(
            f"{path}: cannot be read ({problem}). Write it again: training.detection.teach."
        ) from None
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.detection.teach", description="Ask detectors.")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--ultraface", type=Path, required=True, help="ONNX of UltraFace")
    parser.add_argument("--yunet", type=Path, help="ONNX of YuNet; default as the app finds it")
    parser.add_argument(
        "--faces", type=Path, metavar="MANIFEST", help="pictures that are a face each, to paste"
    )
    parser.add_argument("--most-faces", type=int, default=4000, help="of --faces, drawn by chance")
    add_data_options(parser)
    options = parser.parse_args(arguments)
    try:
        manifest = read_data(options)
        yunet, ultraface = YuNetDetector(find_yunet(options.yunet)), UltraFace(options.ultraface)
        rows: list[tuple[str, Lesson]] = []
        for scene in tqdm(read_scenes(manifest, LEARNED), unit=" pictures", disable=None):
            rows += [(key(scene.path), it) for it in teach(scene, read_image(scene.path), yunet, ultraface)]
        for face in tqdm(single_faces(options.faces, options.most_faces), unit=" faces", disable=None):
            if lesson := lesson_of_face(read_image(face.path), yunet):
                rows.append((key(face.path), lesson))
        write_lessons(options.output, iter(rows))
    except MaskwiseError as problem:
        parser.exit(1, f"error: {problem}\n")
    for kind in ("points", "face", "ignored"):
        print(f"{kind:8} {sum(lesson.kind == kind for _, lesson in rows):6}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
