"""What a face looks like, as far as it takes to say that somebody else has taken its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.results import Box, Frame

SAME = 13.0  # mean difference in CIE Lab: 95% of faces moved, turned and lit anew are nearer, 2% of others
AROUND = 10.0  # of hair, shoulders and what is behind: a mask pulled down, or a hand, changes less
_CELLS = 6  # a side: coarse enough for a detector's box that jitters
_INSIDE, _OUTSIDE = -0.1, 0.5  # of the box's sides, on each: the face alone; hair and shoulders too
_RING = np.ones((_CELLS, _CELLS), bool)
_RING[2:4, 1:5] = _RING[1:5, 2:4] = False


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """`face` (6, 6, 3) and `around` (24, 3): colours in CIE Lab, without how light the picture is."""

    face: np.ndarray
    around: np.ndarray


def look_of(frame: Frame, box: Box) -> Look:
    """Of a face whose box may reach out of the frame."""
    return Look(_cells(frame, box, _INSIDE), _cells(frame, box, _OUTSIDE)[_RING])


def is_other(before: Sequence[Look], now: Sequence[Look], away: np.ndarray) -> np.ndarray:
    """(N,) bool: which pairs are two people; `away` (N,) where the face was out of sight for a while.

    In sight nobody changes all at once: then face, forehead and surroundings have to be others, as when a
    film is cut, since the face alone changes when a mask is put on.
    """
    old, new = np.stack([look.face for look in before]), np.stack([look.face for look in now])
    rings = _distance(
        np.stack([x.around for x in before])[:, None], np.stack([x.around for x in now])[:, None]
    )
    forehead = _distance(old[:, : _CELLS // 3], new[:, : _CELLS // 3])
    whole = _distance(old, new) > SAME
    return np.asarray(whole & (away | ((forehead > SAME) & (rings > AROUND))))


def _distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(N,) mean over the cells (N, rows, columns, 3), lightness of each picture apart."""
    apart = a - b
    apart[..., 0] -= apart[..., 0].mean(axis=(1, 2), keepdims=True)
    return np.asarray(np.sqrt((apart**2).sum(axis=-1)).mean(axis=(1, 2)))


def _cells(frame: Frame, box: Box, grown: float) -> np.ndarray:
    x1, y1, x2, y2 = box
    dx, dy = (x2 - x1) * grown, (y2 - y1) * grown
    left, right = _inside(x1 - dx, x2 + dx, frame.width)
    top, bottom = _inside(y1 - dy, y2 + dy, frame.height)
    part = np.ascontiguousarray(frame.rgb[top:bottom, left:right])
    small = cv2.resize(part, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))


def _inside(low: float, high: float, most: int) -> tuple[int, int]:
    start = int(np.clip(round(low), 0, most - 1))
    return start, int(np.clip(round(high), start + 1, most))
