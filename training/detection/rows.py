"""What is known of a picture that a detector learns from: a row a face, moved as the picture is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.results import Box

# A row: x1, y1, x2, y2, kind, label (-1: not known), five points x, y in order of `core.results.Landmarks`,
# and the score that a detector is to give it
ROW = 17
KIND, LABEL, POINTS, TARGET = 4, 5, slice(6, 16), 16
FACE, IGNORED, NOTHING = 1.0, 2.0, 0.0  # kinds: a face, neither face nor ground, no row
UNKNOWN = -1e6  # a point's coordinate

_LEAST_VISIBLE = 0.4  # of a face at an edge: less of it is neither face nor ground
_LEAST_HEIGHT = 5  # pixels: what is smaller cannot be told from ground
MIRRORED = (1, 0, 2, 4, 3)  # what right eye, left eye, nose, right and left corner of the mouth become


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedImage:
    """A picture in memory, (H, W, 3) uint8 RGB, and what is known of it: (faces, `ROW`) float32."""

    rgb: np.ndarray
    rows: np.ndarray
    source: str

    def of_kind(self, kind: float) -> np.ndarray:
        """(faces, `ROW`) rows of one kind."""
        return np.asarray(self.rows[self.rows[:, KIND] == kind])

    def boxes_of(self, kind: float) -> list[Box]:
        return [(x1, y1, x2, y2) for x1, y1, x2, y2 in self.of_kind(kind)[:, :4].tolist()]


def row(
    box: Sequence[float],
    kind: float = FACE,
    label: int = -1,
    landmarks: Sequence[Sequence[float]] | None = None,
    score: float = 1.0,
) -> np.ndarray:
    """(`ROW`,) float32 of a face: box and five points in pixels, label by its index."""
    values = np.full(ROW, UNKNOWN, np.float32)
    values[: POINTS.start] = (*box, kind, label)
    values[TARGET] = score
    if landmarks is not None:
        values[POINTS] = np.ravel(landmarks)
    return values


def no_rows() -> np.ndarray:
    return np.empty((0, ROW), np.float32)


def moved(rows: np.ndarray, sx: float, sy: float, dx: float, dy: float) -> np.ndarray:
    """Rows of a picture that is scaled by (sx, sy), then moved by (dx, dy) pixels."""
    there = rows.copy()
    there[:, [0, 2]] = rows[:, [0, 2]] * sx + dx
    there[:, [1, 3]] = rows[:, [1, 3]] * sy + dy
    known = _points_known(rows)
    there[known, 6:16:2] = rows[known, 6:16:2] * sx + dx
    there[known, 7:16:2] = rows[known, 7:16:2] * sy + dy
    return there


def turned(rows: np.ndarray, matrix: np.ndarray, degrees: float) -> np.ndarray:
    """Rows of a picture that `matrix` (2, 3) turns by so many degrees, either way round.

    A head is taken for the ellipse that fills its box: the new box is the ellipse's.
    """
    there = rows.copy()
    middle = np.stack([rows[:, 0] + rows[:, 2], rows[:, 1] + rows[:, 3]], axis=1) / 2
    half = np.stack([rows[:, 2] - rows[:, 0], rows[:, 3] - rows[:, 1]], axis=1) / 2
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    reach = np.sqrt(half**2 @ np.array([[cos**2, sin**2], [sin**2, cos**2]]))
    middle = middle @ matrix[:, :2].T + matrix[:, 2]
    there[:, :2], there[:, 2:4] = middle - reach, middle + reach
    known = _points_known(rows)
    points = rows[known, POINTS].reshape(-1, 5, 2) @ matrix[:, :2].T + matrix[:, 2]
    there[known, POINTS] = points.reshape(-1, 10)
    return there


def mirrored(rows: np.ndarray, width: int) -> np.ndarray:
    """Rows of the mirror image of a picture. A right eye, being the person's own, is a left one there."""
    turned = rows.copy()
    turned[:, 0], turned[:, 2] = width - rows[:, 2], width - rows[:, 0]
    known = _points_known(rows)
    points = rows[known, POINTS].reshape(-1, 5, 2)[:, MIRRORED]
    turned[known, POINTS] = (points * (-1, 1) + (width, 0)).reshape(-1, 10)
    return turned


def seen(rows: np.ndarray, width: int, height: int, *, clip: bool) -> np.ndarray:
    """Rows in a window: faces mostly outside or too small to know are ignored.

    At the edge of a picture a box goes on as far as the face does, so that it can be told how much of it is
    cut off; where another tile begins, `clip` ends it.
    """
    area = (rows[:, 2] - rows[:, 0]) * (rows[:, 3] - rows[:, 1])
    inside = rows.copy()
    inside[:, [0, 2]] = rows[:, [0, 2]].clip(0, width)
    inside[:, [1, 3]] = rows[:, [1, 3]].clip(0, height)
    left = (inside[:, 2] - inside[:, 0]) * (inside[:, 3] - inside[:, 1])
    doubtful = (left < _LEAST_VISIBLE * area) | (inside[:, 3] - inside[:, 1] < _LEAST_HEIGHT)
    kept = np.where((doubtful | clip)[:, None], inside, rows)
    kept[doubtful, KIND] = IGNORED
    return np.asarray(kept[left > 1])


def _points_known(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows[:, POINTS.start] > UNKNOWN)
