"""What each detector takes for a face in pictures that have none.

    python -m bench.face_free [--detector NAME ...] [--ultraface ONNX] [--sheet PNG]

The pictures come with scikit-image and scikit-learn, which Maskwise requires: things, animals, grounds, and
what microscopes and telescopes see. Of two that show a person the part without is taken. Each is shown as it
is, on its side, negated, and four times with its mirror images, which makes symmetric shapes of it: where
faces are seen that are none. Prints for each detector, at its operating point: false faces, pictures with
one, from which score on there would be one such picture at most, and which pictures. Choose no operating
point by it, nor train on these pictures. `--sheet` writes all on one: see for yourself that none has a face.
"""

from __future__ import annotations

import argparse
import importlib.resources
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from bench.detectors import print_table
from bench.rivals import NAMES, WHOLE_CURVE, Rival, rivals
from core.images import read_image, scaled
from core.results import Frame

PICTURES = {
    "skimage/data": "brick.png cell.png chelsea.png chessboard_RGB.png clock_motion.png coffee.png color.png"
    " grass.png gravel.png horse.png hubble_deep_field.jpg ihc.png logo.png microaneurysms.png moon.png"
    " motorcycle_left.png page.png phantom.png retina.jpg rocket.jpg text.png astronaut.png camera.png",
    "sklearn/datasets/images": "china.jpg flower.jpg",
}
# The part of a picture without the person who is in it: rows, columns
_WITHOUT_PERSON = {
    "astronaut.png": (slice(215, None), slice(None)),
    "camera.png": (slice(None), slice(345, None)),
}
_VARIANTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "": lambda rgb: rgb,
    ", on its side": lambda rgb: np.rot90(rgb),
    ", negated": lambda rgb: 255 - rgb,
    ", mirrored": lambda rgb: np.pad(rgb, ((0, len(rgb)), (0, rgb.shape[1]), (0, 0)), "symmetric"),
}
_THUMBNAIL = 200  # pixels


def pictures() -> Iterator[tuple[str, Frame]]:
    """Name and frame; the same pixels every time."""
    for folder, names in PICTURES.items():
        package, _, rest = folder.partition("/")
        for name in names.split():
            content = (importlib.resources.files(package) / rest / name).read_bytes()
            rgb = read_image(content, name).rgb
            part = rgb[_WITHOUT_PERSON[name]] if name in _WITHOUT_PERSON else rgb
            for variant, of in _VARIANTS.items():
                yield name.partition(".")[0] + variant, Frame(np.ascontiguousarray(of(part)))


def scores(asked: Sequence[Rival]) -> list[dict[str, list[float]]]:
    """Of each rival: the scores of what it finds in each picture, best first, however low."""
    found: list[dict[str, list[float]]] = [{} for _ in asked]
    for name, frame in tqdm(pictures(), unit=" pictures", disable=None, leave=False):
        for rival, mine in zip(asked, found, strict=True):
            mine[name] = sorted((d.score for d in rival.find(frame, WHOLE_CURVE)), reverse=True)
    return found


def row(rival: Rival, found: dict[str, list[float]]) -> list[str]:
    """As it is printed."""
    false = {name: sum(score >= rival.operating_point for score in mine) for name, mine in found.items()}
    counts = {name: count for name, count in false.items() if count}
    best = sorted((mine[0] for mine in found.values() if mine), reverse=True)
    return [
        str(rival),
        f"{rival.operating_point:.2f}",
        str(sum(counts.values())),
        f"{len(counts)} of {len(found)}",
        f"above {best[1]:.3f}" if len(best) > 1 else "any score",
        "; ".join(f"{name}: {count}" for name, count in counts.items()) or "none",
    ]


def sheet() -> Frame:
    """All pictures, as many a row as there are variants of each."""
    thumbnails = []
    for name, frame in pictures():
        small = scaled(frame.rgb, _THUMBNAIL / max(frame.width, frame.height))
        below, right = _THUMBNAIL + 20 - small.shape[0], _THUMBNAIL + 4 - small.shape[1]
        one = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(255, 255, 255))
        cv2.putText(
            one, name, (2, _THUMBNAIL + 14), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (0, 0, 0), 1, cv2.LINE_AA
        )
        thumbnails.append(one)
    step = len(_VARIANTS)
    return Frame(np.vstack([np.hstack(thumbnails[i : i + step]) for i in range(0, len(thumbnails), step)]))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.face_free",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--detector", action="append", choices=NAMES)
    parser.add_argument("--ultraface", type=Path, help="ONNX of UltraFace")
    parser.add_argument("--sheet", type=Path, metavar="PNG", help="write all pictures on one, and end")
    options = parser.parse_args(arguments)
    if options.sheet:
        Image.fromarray(sheet().rgb).save(options.sheet)
        return 0
    asked = rivals(options.detector, ultraface=options.ultraface)
    rows = [row(*pair) for pair in zip(asked, scores(asked), strict=True)]
    head = ["detector", "score from", "false faces", "pictures with one", "one picture at most", "which"]
    print_table(head, rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
