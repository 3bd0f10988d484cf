"""Let existing detectors label what nobody did in the training pictures.

    python -m training.detection.teach --data IMAGES --output TAUGHT.csv --ultraface ONNX
        [--yunet ONNX] [--faces FACES_MANIFEST]

IMAGES has boxes around faces. `training.detection.pseudo_labels` says what a row of TAUGHT.csv is. The test
part is not looked at.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from core.detection import YuNetDetector, find_yunet, tiled_inference
from core.images import read_image
from training.data import add_data_options, one_line_errors, read_data
from training.detection.boxed_images import LEARNED, key, read_boxed_images, single_faces, tell_apart
from training.detection.pseudo_labels import (
    KINDS,
    PseudoLabel,
    label_by_detectors,
    pseudo_label_of_face,
    write_pseudo_labels,
)
from training.detection.ultraface import UltraFace

YUNET_SCORE, ULTRAFACE_SCORE = 0.5, 0.7  # from here on a detector's word counts


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.detection.teach", description="Label by detectors."
    )
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--ultraface", type=Path, required=True, help="ONNX of UltraFace")
    parser.add_argument("--yunet", type=Path, help="ONNX of YuNet; default as the app finds it")
    parser.add_argument(
        "--faces", type=Path, metavar="MANIFEST", help="pictures that are a face each, to paste"
    )
    parser.add_argument("--most-faces", type=int, default=8000, help="of --faces, drawn by chance")
    add_data_options(parser)
    options = parser.parse_args(arguments)
    with one_line_errors(parser):
        manifest = read_data(options)
        yunet, ultraface = YuNetDetector(find_yunet(options.yunet)), UltraFace(options.ultraface)
        rows: list[tuple[str, PseudoLabel]] = []
        images = read_boxed_images(manifest, LEARNED)
        singles = single_faces(options.faces, options.most_faces)
        tell_apart([*(image.path for image in images), *(face.path for face in singles)])
        for image in tqdm(images, unit=" pictures", disable=None):
            frame = read_image(image.path)
            by_ultraface = tiled_inference(frame, lambda rgb: ultraface.detect_once(rgb, ULTRAFACE_SCORE))
            found = label_by_detectors(image.boxes, yunet.detect(frame, YUNET_SCORE), by_ultraface)
            rows += [(key(image.path), label) for label in found]
        for face in tqdm(singles, unit=" faces", disable=None):
            if label := pseudo_label_of_face(read_image(face.path), yunet):
                rows.append((key(face.path), label))
        write_pseudo_labels(options.output, rows)
    for kind in KINDS:
        print(f"{kind:8} {sum(label.kind == kind for _, label in rows):6}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
