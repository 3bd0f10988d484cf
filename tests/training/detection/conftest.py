"""Drawn images in which a pixel's colour tells whether it is a face's, and which of its five points it is."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.detection.rows import FACE, AnnotatedImage, row

SKIN, EYE, NOSE, MOUTH = (250, 250, 30), (250, 150, 0), (250, 250, 90), (150, 250, 0)
# Right eye, left eye (the person's), nose, right and left corner of the mouth: shares of the box's sides
PLACES = ((0.28, 0.3), (0.72, 0.3), (0.5, 0.52), (0.3, 0.76), (0.7, 0.76))


def draw_face(picture: np.ndarray, box: Sequence[int]) -> list[tuple[float, float]]:
    """Draw into the RGB picture; the five points."""
    x1, y1, x2, y2 = box
    picture[y1:y2, x1:x2] = SKIN
    points = []
    for (sx, sy), colour in zip(PLACES, (EYE, EYE, NOSE, MOUTH, MOUTH), strict=True):
        x, y = x1 + sx * (x2 - x1), y1 + sy * (y2 - y1)
        half = 0.1 * (x2 - x1)
        picture[round(y - half) : round(y + half), round(x - half) : round(x + half)] = colour
        points.append((x, y))
    return points


def drawn_image(
    boxes: Sequence[Sequence[int]], width: int, height: int, source: str = "drawn"
) -> AnnotatedImage:
    """Dark, with a face in each box; every second one's points are not known."""
    picture = np.full((height, width, 3), 25, np.uint8)
    rows = [row(box, FACE, i % 3, None if i % 2 else draw_face(picture, box)) for i, box in enumerate(boxes)]
    for box in boxes[1::2]:
        draw_face(picture, box)
    return AnnotatedImage(picture, np.stack(rows), source)


def write_boxed_images(
    folder: Path, images: Sequence[tuple[str, AnnotatedImage]], labels: Sequence[str] = ("with_mask",)
) -> Path:
    """A manifest of pictures, each its own group. Those of split "test" are no pictures at all."""
    columns = ("path", "label", "x1", "y1", "x2", "y2", "split", "source", "group")
    (folder / "pictures").mkdir()
    with (folder / "scenes.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for number, (split, image) in enumerate(images):
            path = folder / "pictures" / f"{number}.png"
            if split == "test":
                path.write_bytes(b"not a picture")
            else:
                cv2.imwrite(str(path), image.rgb[..., ::-1])
            for i, box in enumerate(image.rows[:, :4]):
                label = labels[i % len(labels)]
                writer.writerow([f"pictures/{number}.png", label, *box, split, image.source, number])
    return folder / "scenes.csv"


@pytest.fixture
def image() -> Callable[..., AnnotatedImage]:
    return drawn_image


@pytest.fixture
def boxed_images_file() -> Callable[..., Path]:
    return write_boxed_images
