"""Where a film cuts to another scene, so that nobody there is taken for somebody of the scene before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np

CUT = 22.0  # grey levels, of 255, by which a picture differs from the one before it, more than that one did
T = TypeVar("T")


def with_cuts(pictures: Iterable[tuple[T, np.ndarray]]) -> Iterator[tuple[T, bool]]:
    """Each of `pictures`, which come with a small grey copy, and whether a new scene begins with it.

    As in FFmpeg's scene filter a cut is a difference that stands alone, since a pan differs all the time. A
    flash is none: the picture after it is like the one before. So each waits until the next has come.
    """
    held: tuple[T, bool] | None = None
    before: np.ndarray = np.empty(0)  # the copy of two pictures ago
    last = before
    difference = 0.0
    for item, copy in pictures:
        now = copy.astype(np.int16)
        usual, difference = difference, _apart(last, now) if held else 0.0
        if held:
            yield held[0], held[1] and _apart(before, now) >= CUT / 2
        held = item, difference - usual >= CUT
        before, last = last, now
    if held:
        yield held


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    """Mean difference; as large as can be where there is nothing to compare."""
    return float(np.abs(a - b).mean()) if a.shape == b.shape else 255.0
