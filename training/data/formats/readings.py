"""What the four numbers of a box are, where many boxes show that they are something else than was thought.

A single box that leaves its picture is a slip, and named. Where a quarter of them fit only when read
otherwise, and none only as they were read, those that happen to fit are wrong as well, and nothing tells.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from core.errors import RecordError
from core.results import Box

CORNERS, SIDES, MIDDLES, SWAPPED = "corners", "sides", "middles", "swapped"
"""Left, top, right, bottom; left, top, width, height; the middle's x and y, width, height; x1, x2, y1, y2."""

LYING = range(5, 9)
"""EXIF orientations that turn a picture by a quarter."""

_WORDS = {
    CORNERS: "left, top, right, bottom",
    SIDES: "left, top, width, height",
    MIDDLES: "middle x, middle y, width, height",
    SWAPPED: "left, right, top, bottom",
}
_MISTAKEN_FOR = {CORNERS: (SIDES,), SIDES: (CORNERS, MIDDLES), MIDDLES: (SIDES, CORNERS)}
_LEAST, _SHARE = 2, 0.25
_SCALES = ((100, "percent"), (1000, "thousandths"))
_CHANCE = 1e-4  # that all boxes lie so far up and left


class Readings:
    """Counts of boxes that fit their pictures in one reading alone."""

    def __init__(self, kind: str, others: Sequence[str] = ()) -> None:
        self._kind = kind
        self._others = others or _MISTAKEN_FOR[kind]
        self._only: Counter[tuple[str, bool]] = Counter()
        self._total = 0

    def add(self, box: Box, turned_size: tuple[int, int, int], *, in_shares: bool = False) -> None:
        """`box` as it was read, (x1, y1, x2, y2), on a picture of (width, height, EXIF orientation)."""
        width, height, orientation = (1, 1, 1) if in_shares else turned_size
        sizes = [(width, height)] + [(height, width)] * (orientation in LYING)
        self._total += 1
        as_read = _fits(box, sizes)
        for other in self._others:
            if _fits(_read(_numbers(box, self._kind), other), sizes) != as_read:
                self._only[other, as_read] += 1

    def require(self, where: object, remedy: str = "Correct them") -> None:
        """Raises `RecordError` where the boxes are something else than was thought."""
        for other in self._others:
            against = self._only[other, False]
            if against >= max(_LEAST, _SHARE * self._total) and not self._only[other, True]:
                raise RecordError(
                    f"{where}: {against} of {self._total} boxes fit their pictures only if their numbers are "
                    f"{_WORDS[other]}, and none only if they are {_WORDS[self._kind]}, as they were read. "
                    f"{remedy}."
                )


def scale_problem(boxes: Iterable[tuple[Box, tuple[int, int]]]) -> tuple[str, bool]:
    """Whether boxes in pixels, each with its picture's (width, height), may be in percent or thousandths.

    In words, empty if not, and whether that is sure.
    """
    found = set(boxes)
    largest = max((max(box) for box, _ in found), default=0.0)
    for scale, name in _SCALES:
        if not 1 < largest <= scale:
            continue
        # a face in the middle of a picture reaches beyond half of it
        sides = [side for _, size in found for side in size]
        sure = math.prod(scale / side for side in sides if side >= 2 * scale) < _CHANCE
        broken = any(not float(value).is_integer() for box, _ in found for value in box)
        if sure or (broken and max(sides) > scale):
            return (
                f"no number of any box is above {scale}: they look like {name} of the pictures' sizes",
                sure,
            )
    return "", False


def _numbers(box: Box, kind: str) -> Box:
    """The four as they stand in the data."""
    x1, y1, x2, y2 = box
    if kind == SIDES:
        return x1, y1, x2 - x1, y2 - y1
    return ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1) if kind == MIDDLES else box


def _read(numbers: Box, kind: str) -> Box:
    a, b, c, d = numbers
    if kind == SIDES:
        return a, b, a + c, b + d
    if kind == MIDDLES:
        return a - c / 2, b - d / 2, a + c / 2, b + d / 2
    return (a, c, b, d) if kind == SWAPPED else numbers


def _fits(box: Box, sizes: Iterable[tuple[float, float]], slack: float = 0.02) -> bool:
    """`slack` in shares: annotation tools round, and let people draw a little over the edge."""
    x1, y1, x2, y2 = box
    return (
        x1 < x2
        and y1 < y2
        and any(
            x1 >= -slack * w and y1 >= -slack * h and x2 <= (1 + slack) * w and y2 <= (1 + slack) * h
            for w, h in sizes
        )
    )
