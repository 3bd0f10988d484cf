"""Programs that answer a picture, each in the way in which it is published: bytes in, named boxes out."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from core.results import Box


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


@dataclass(frozen=True, slots=True)
class Family:
    """Programs of the same networks, which are loaded together, from `given`.

    `maker` is "module:function". It is imported when programs are wanted, since it may bring TensorFlow
    along, for which the start of a program that does without must not wait.
    """

    name: str
    maker: str
    given: tuple[Path, ...] = ()

    def programs(self) -> Iterator[Program]:
        yield from pkgutil.resolve_name(self.maker)(*self.given)


def inside(box: np.ndarray, width: int, height: int) -> tuple[int, int, int, int]:
    """Whole pixels within a picture of that size."""
    x1, y1, x2, y2 = (int(v) for v in box)
    return max(0, x1), max(0, y1), min(width - 1, x2), min(height - 1, y2)


def face_input(picture: np.ndarray, box: tuple[int, int, int, int], side: int) -> np.ndarray:
    """(side, side, 3) float32, -1 to 1: a face cut from (H, W, 3) uint8, its channels the other way round."""
    x1, y1, x2, y2 = box
    return cv2.resize(picture[y1:y2, x1:x2, ::-1], (side, side)).astype(np.float32) / 127.5 - 1
