"""Let existing detectors label what nobody did in the training pictures.

    python -m training.detection.teach --data IMAGES --output TAUGHT.csv --teacher NAME=FILE [--teacher ...]
        [--facemesh TFLITE] [--faces FACES_MANIFEST]

IMAGES has boxes around faces. `training.detection.pseudo_labels` says what a row of TAUGHT.csv is. In a
picture that is a face the first teacher that is sure of it is believed. Where FaceMesh agrees on the
points, its own are taken, which follow a head as it turns. The test part is not looked at.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from core import terminal
from core.classification import roll
from core.errors import RecordError
from core.images import read_image
from core.results import Frame
from training.data import Example, add_data_options, one_line_errors, read_data
from training.detection.boxed_images import LEARNED, key, read_boxed_images, single_faces, tell_apart
from training.detection.facemesh import FaceMesh, five_points
from training.detection.pseudo_labels import (
    KINDS,
    PseudoLabel,
    pseudo_label_of_face,
    pseudo_labels_of_scene,
    write_pseudo_labels,
)
from training.detection.teachers import TEACHERS, Teacher

LEAST_SCORE = 0.3  # from here on a teacher's word counts
_LEAST_SIDE = 32  # pixels of a face in which FaceMesh sees more than a teacher does
_AGREE = 0.1  # sides of the face: mean distance between FaceMesh's five points and a teacher's


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.detection.teach", description="Label by detectors."
    )
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--teacher",
        action="append",
        required=True,
        metavar="NAME=FILE",
        help=f"ONNX file of a detector: {', '.join(TEACHERS)}; several agree on what is a face",
    )
    parser.add_argument("--facemesh", type=Path, metavar="TFLITE", help="better points")
    parser.add_argument(
        "--faces", type=Path, metavar="MANIFEST", help="pictures that are a face each, to paste"
    )
    parser.add_argument("--most-faces", type=int, default=20_000, help="of --faces, drawn by chance")
    add_data_options(parser)
    options = parser.parse_args(arguments)
    with one_line_errors(parser):
        manifest = read_data(options)
        teachers = dict(_opened(given) for given in options.teacher)
        mesh = FaceMesh(options.facemesh) if options.facemesh else None
        rows: list[tuple[str, PseudoLabel]] = []
        images = read_boxed_images(manifest, LEARNED)
        singles = single_faces(options.faces, options.most_faces)
        tell_apart([*(image.path for image in images), *(face.path for face in singles)])
        for image in tqdm(images, unit=" pictures", disable=None):
            frame = read_image(image.path)
            found = {name: teacher(frame, LEAST_SCORE) for name, teacher in teachers.items()}
            for label in pseudo_labels_of_scene(image.boxes, found):
                rows.append((key(image.path), with_mesh_points(label, frame, mesh)))
        for face in tqdm(singles, unit=" faces", disable=None):
            if one := _of_face(face, teachers):
                frame, label = one
                rows.append((key(face.path), with_mesh_points(label, frame, mesh)))
        write_pseudo_labels(options.output, rows)
    for kind in KINDS:
        print(f"{kind:8} {sum(label.kind == kind for _, label in rows):6}")
    return 0


def _opened(given: str) -> tuple[str, Teacher]:
    name, _, file = given.partition("=")
    if name not in TEACHERS or not file:
        raise RecordError(f"--teacher {given}: give NAME=FILE with one of {', '.join(TEACHERS)}.")
    return name, TEACHERS[name](Path(file))


def _of_face(face: Example, teachers: dict[str, Teacher]) -> tuple[Frame, PseudoLabel] | None:
    frame = read_image(face.path)
    for teacher in teachers.values():
        if label := pseudo_label_of_face(teacher(frame, LEAST_SCORE), frame.width, frame.height):
            return frame, label
    return None


def with_mesh_points(label: PseudoLabel, frame: Frame, mesh: FaceMesh | None) -> PseudoLabel:
    """The label with FaceMesh's points, where the face is large enough and it agrees with the teacher."""
    x1, y1, x2, y2 = label.box
    side = max(x2 - x1, y2 - y1)
    if mesh is None or label.landmarks is None or side < _LEAST_SIDE:
        return label
    turned = float(np.nan_to_num(roll(label.landmarks)))  # not known where all points are one
    five = five_points(mesh.points(frame.rgb, label.box, turned))
    apart = np.linalg.norm(np.array(five) - np.array(label.landmarks), axis=1).mean()
    if not apart <= _AGREE * side:
        return label
    return replace(label, landmarks=five, teachers=(*label.teachers, "facemesh"))


if __name__ == "__main__":
    raise SystemExit(terminal.run(main))
