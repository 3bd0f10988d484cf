"""Programs that answer a picture, each in the way in which it is published: bytes in, named boxes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.images import read_image
from core.pipeline import Pipeline, load_pipeline
from core.results import Box, Frame
from training.detection import UltraFace

LIVE_SIDES = (640, 320)
ULTRAFACE_SCORE = 0.7  # its authors' own


@dataclass(frozen=True, slots=True)
class SeenFace:
    """A face: its box in pixels, and whether the mask is worn properly; None where that is not answered."""

    box: Box
    properly: bool | None


@dataclass(frozen=True, slots=True)
class Program:
    """`answer` takes an encoded picture. A program of ours has the quality gate and both steps on."""

    name: str
    answer: Callable[[bytes], list[SeenFace]]


def ours(pipeline: Pipeline | None = None) -> Iterator[Program]:
    """The way of the photo page, and those of live video."""
    pipeline = pipeline or load_pipeline()

    def named(frame: Frame, longest_side: int | None) -> list[SeenFace]:
        found = pipeline.detector.detect(frame, longest_side=longest_side)
        faces = pipeline.answer(pipeline.classify(frame, found))
        return [
            SeenFace(face.detection.box, None if face.cannot_tell else face.prediction.worn_properly)
            for face in faces
        ]

    def program(way: str, longest_side: int | None) -> Program:
        return Program(f"Maskwise, {way}", lambda content: named(read_image(content), longest_side))

    yield program("photo", None)
    for side in LIVE_SIDES:
        yield program(f"live {side}", side)


def ultraface(path: Path) -> Program:
    """Finds faces, masked ones too, and names none."""
    network = UltraFace(path)

    def answer(content: bytes) -> list[SeenFace]:
        found = network.detect_once(read_image(content).rgb, ULTRAFACE_SCORE)
        return [SeenFace(face.box, None) for face in found]

    return Program("UltraFace (finds only)", answer)


def inside(box: np.ndarray, width: int, height: int) -> tuple[int, int, int, int]:
    """Whole pixels within a picture of that size."""
    x1, y1, x2, y2 = (int(v) for v in box)
    return max(0, x1), max(0, y1), min(width - 1, x2), min(height - 1, y2)
