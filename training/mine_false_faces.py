"""Keep what a detector takes for a face where there is none, as pictures of the class `not_a_face`.

    python -m training.mine_false_faces DETECTOR --data SCENES [--face-free FOLDER] [--taught TAUGHT.csv]
        --output FOLDER [--score .15] [--most 20000]

DETECTOR is a name or a folder. SCENES has boxes around faces; of its pictures those for training are looked
at, never the test or validation part. What overlaps a labelled face there, or anything that
`training.detection.teach` wrote into TAUGHT.csv, is left out: it may be a face, or a part of one. Data with
faces that nobody labelled gives some of these, so use TAUGHT.csv, and look at what was kept. In the pictures
of `--face-free` there must be no face. FOLDER, a new one, gets the crops and manifest.csv.
"""

from __future__ import annotations

import argparse
import csv
import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core import terminal
from core.boxes import iou
from core.detection import FaceDetector, load_detector
from core.errors import ImageError, RecordError
from core.images import crop_face, is_picture, read_image, shrunk, to_jpeg
from core.labels import NOT_A_FACE
from core.records import write_text
from core.results import Box, Detection, Frame
from training.data import Manifest, add_data_options, one_line_errors, read_data
from training.detection import detector_folder, open_detector, read_boxed_images, read_pseudo_labels
from training.detection import key as picture_key

log = logging.getLogger(__name__)

MANIFEST = "manifest.csv"
COLUMNS = ("path", "label", "source", "group", "face_px")
LEAST_OVERLAP = 0.1  # IoU with a face from which a detection may be one
CROP_SCALE, LONGEST_SIDE = 1.5, 224  # as the crops that classifiers learn from; pixels
MOST_A_PICTURE = 50  # the surest: a pattern may have thousands


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture to look at, and where in it a face is, or may be."""

    path: Path
    source: str
    group: str
    faces: tuple[Box, ...] = ()


def scenes(manifest: Manifest, taught: Mapping[str, Sequence[Box]]) -> list[Scene]:
    """Those for training. `taught` has the boxes of other detectors by `picture_key`."""
    return [
        Scene(
            image.path,
            image.source,
            image.group.removeprefix(f"{image.source}/"),
            (*image.boxes, *taught.get(picture_key(image.path), ())),
        )
        for image in read_boxed_images(manifest, ("", "train"))
    ]


def face_free(folder: Path) -> list[Scene]:
    """The pictures in a folder and those below it. Raises `RecordError` when there is none."""
    paths = sorted(path for path in folder.rglob("*") if is_picture(path) and path.is_file())
    if not paths:
        raise RecordError(f"{folder}: holds no picture. Give a folder of photos without faces.")
    source = folder.resolve().name
    return [Scene(path, source, path.relative_to(folder).as_posix()) for path in paths]


def false_faces(scene: Scene, frame: Frame, detector: FaceDetector, score: float) -> list[Detection]:
    """What the detector finds where no face is, the surest first."""
    faces = np.array(scene.faces, float).reshape(-1, 4)
    found = [
        d
        for d in detector.detect(frame, score)
        if iou(np.array([d.box], float), faces).max(initial=0) <= LEAST_OVERLAP
    ]
    return sorted(found, key=lambda d: -d.score)[:MOST_A_PICTURE]


def mine(
    detector: FaceDetector, looked_at: Sequence[Scene], output: Path, *, score: float, most: int
) -> dict[str, int]:
    """Write crops and manifest into `output`; how many were kept, by source.

    Raises `RecordError` when `output` holds anything, and when nothing was found.
    """
    if output.exists() and any(output.iterdir()):
        raise RecordError(f"{output} is not empty. Give a new folder, so that nothing is mixed up.")
    (output / "crops").mkdir(parents=True, exist_ok=True)
    kept: dict[str, int] = {}
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for number, (scene, frame, found) in enumerate(_found(detector, looked_at, score)):
        if number == most:
            log.warning("More than %d were found: the rest is left out. Give --most.", most)
            break
        name = f"crops/{number:06}.jpg"
        crop = shrunk(crop_face(frame, found.box, CROP_SCALE), LONGEST_SIDE)
        (output / name).write_bytes(to_jpeg(crop, quality=95))
        writer.writerow([name, NOT_A_FACE, scene.source, scene.group, round(found.side)])
        kept[scene.source] = kept.get(scene.source, 0) + 1
    if not kept:
        raise RecordError(
            f"{detector.name} finds no false face in {len(looked_at)} pictures. Give a lower --score."
        )
    write_text(output / MANIFEST, table.getvalue())
    return kept


def _found(
    detector: FaceDetector, looked_at: Sequence[Scene], score: float
) -> Iterator[tuple[Scene, Frame, Detection]]:
    for scene in tqdm(looked_at, unit=" pictures", disable=None):
        try:
            frame = read_image(scene.path)
        except ImageError as problem:
            log.warning(problem)
            continue
        for found in false_faces(scene, frame, detector, score):
            yield scene, frame, found


def _detector(name: str) -> FaceDetector:
    folder = detector_folder(name)
    return open_detector(folder) if folder else load_detector(name)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.mine_false_faces", description="Keep a detector's false faces."
    )
    parser.add_argument("detector", metavar="DETECTOR", help="a name, or a detector's folder")
    parser.add_argument("--face-free", type=Path, metavar="FOLDER", help="pictures without a face")
    parser.add_argument("--taught", type=Path, metavar="CSV", help="what training.detection.teach wrote")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER", help="a new folder")
    parser.add_argument("--score", type=float, default=0.15, help="of the detector, from which; default 0.15")
    parser.add_argument("--most", type=int, default=20_000, help="crops to keep; default 20000")
    add_data_options(parser)
    options = parser.parse_args(arguments)
    if not 0 <= options.score <= 1 or options.most < 1:
        parser.error("give --score from 0 to 1, and --most of 1 or more")
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    with one_line_errors(parser):
        taught = {
            name: [label.box for label in labels]
            for name, labels in (read_pseudo_labels(options.taught) if options.taught else {}).items()
        }
        looked_at = scenes(read_data(options), taught)
        looked_at += face_free(options.face_free) if options.face_free else []
        kept = mine(
            _detector(options.detector), looked_at, options.output, score=options.score, most=options.most
        )
    each = ", ".join(f"{source} {n}" for source, n in sorted(kept.items()))
    print(f"{sum(kept.values())} false faces in {len(looked_at)} pictures ({each}).")
    print(f"Look at them, then learn from {options.output / MANIFEST}")
    return 0


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
