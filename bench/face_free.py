"""What each detector takes for a face in 100 pictures that have none.

    python -m bench.face_free [--detector NAME ...] [--ultraface ONNX] [--sheet PNG]

26 pictures come with the packages that Maskwise requires. With scikit-image: brick, cell, chelsea (a cat),
chessboard_RGB, clock_motion, coffee, color, grass, gravel, horse (a silhouette), hubble_deep_field, ihc,
logo, microaneurysms, moon, motorcycle_left, page, phantom, retina, rocket, text, of astronaut the suit, of
camera the lawn beside the man. With scikit-learn: china, flower, and handwritten digits on one sheet.
74 are drawn, two of each kind in `bench.face_free_patterns` and `bench.face_free_things`, with the blur and
the grain of a camera. Prints for each detector, at its operating point: false faces, pictures with one, from
which score on there would be one such picture at most, and which pictures. Choose no operating point by it,
nor train on these pictures. `--sheet` writes all on one, to see for oneself that none has a face.
"""

from __future__ import annotations

import argparse
import importlib.resources
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from sklearn.datasets import load_digits
from tqdm import tqdm

from bench.detectors import print_table
from bench.face_free_patterns import PATTERNS
from bench.face_free_things import THINGS
from bench.rivals import NAMES, WHOLE_CURVE, Rival, rivals
from core.images import read_image
from core.results import Frame

_IMAGES = {"skimage": "data", "sklearn": "datasets/images"}
_BUNDLED = {
    "skimage": (
        *("brick.png", "cell.png", "chelsea.png", "chessboard_RGB.png", "clock_motion.png", "coffee.png"),
        *(
            "color.png",
            "grass.png",
            "gravel.png",
            "horse.png",
            "hubble_deep_field.jpg",
            "ihc.png",
            "logo.png",
        ),
        *("microaneurysms.png", "moon.png", "motorcycle_left.png", "page.png", "phantom.png", "retina.jpg"),
        *("rocket.jpg", "text.png", "astronaut.png", "camera.png"),
    ),
    "sklearn": ("china.jpg", "flower.jpg"),
}
# The part of a picture without the person who is in it: rows, columns.
_WITHOUT_PERSON = {
    "astronaut.png": (slice(215, None), slice(None)),
    "camera.png": (slice(None), slice(345, None)),
}
_SIZES = ((480, 640), (720, 1280))  # of a drawing's two variants: height, width
_BLUR, _GRAIN = 0.7, 4.0  # pixels, levels
_THUMBNAIL = 200  # pixels


def pictures() -> Iterator[tuple[str, Frame]]:
    """Name and frame; the same pixels every time."""
    for package, names in _BUNDLED.items():
        for name in names:
            file = importlib.resources.files(package) / _IMAGES[package] / name
            rgb = read_image(file.read_bytes(), name).rgb
            part = rgb[_WITHOUT_PERSON[name]] if name in _WITHOUT_PERSON else rgb
            yield name.partition(".")[0], Frame(np.ascontiguousarray(part))
    yield "digits", _digits()
    for kind, draw in enumerate((*PATTERNS, *THINGS)):
        for variant, (height, width) in enumerate(_SIZES):
            rng = np.random.default_rng((kind, variant))
            drawn = cv2.GaussianBlur(draw(height, width, rng).astype(np.float32), (0, 0), _BLUR)
            seen = drawn + rng.normal(0, _GRAIN, drawn.shape)
            yield f"{draw.__name__} {variant + 1}", Frame(np.clip(seen, 0, 255).astype(np.uint8))


def _digits() -> Frame:
    ink = load_digits().images[:600].reshape(20, 30, 8, 8).swapaxes(1, 2).reshape(160, 240) / 16
    paper = cv2.resize(255 * (1 - ink), None, fx=4, fy=4)
    return Frame(np.repeat(paper[..., None].clip(0, 255), 3, axis=2).astype(np.uint8))


def scores(asked: Sequence[Rival]) -> list[dict[str, list[float]]]:
    """Of each rival: the scores of what it finds in each picture, best first, however low."""
    found: list[dict[str, list[float]]] = [{} for _ in asked]
    for name, frame in tqdm(pictures(), total=100, unit=" pictures", disable=None, leave=False):
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
        str(len(counts)),
        f"above {best[1]:.3f}" if len(best) > 1 else "any score",
        ", ".join(f"{name}: {count}" for name, count in counts.items()) or "none",
    ]


def sheet() -> Frame:
    """All pictures, ten a row."""
    thumbnails = []
    for name, frame in pictures():
        scale = _THUMBNAIL / max(frame.width, frame.height)
        small = cv2.resize(frame.rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        below, right = _THUMBNAIL + 20 - small.shape[0], _THUMBNAIL + 4 - small.shape[1]
        one = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_CONSTANT, value=(255, 255, 255))
        cv2.putText(
            one, name, (2, _THUMBNAIL + 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA
        )
        thumbnails.append(one)
    return Frame(np.vstack([np.hstack(thumbnails[i : i + 10]) for i in range(0, len(thumbnails), 10)]))


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
