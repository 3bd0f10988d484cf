"""How well points follow heads: against a teacher's, each face seen upright and turned."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.classification import roll, yaw
from core.models import LandmarkScore
from core.results import Landmarks
from training.landmarks.samples import TaughtFace, sample

TURNS = tuple(range(-180, 180, 45))  # degrees
_ALIKE = 1e-3  # degrees between which there is nothing to correlate
Points = Callable[[np.ndarray], np.ndarray]
"""(N, size, size, 3) float32 RGB 0 to 255 -> (N, 10), as the network answers."""


def measure_landmarks(
    points: Points, faces: Sequence[TaughtFace], size: int, crop_scale: float
) -> list[LandmarkScore]:
    """A row a source, in alphabetical order. Nothing is drawn by chance."""
    return [
        _score(points, source, [face for face in faces if face.source == source], size, crop_scale)
        for source in sorted({face.source for face in faces})
    ]


def _score(
    points: Points, source: str, faces: Sequence[TaughtFace], size: int, crop_scale: float
) -> LandmarkScore:
    off: list[float] = []
    yaws: list[tuple[float, float]] = []
    for face in faces:
        seen = [sample(face, degrees, size, crop_scale) for degrees in TURNS]
        answers = points(np.stack([crop for crop, _ in seen]).astype(np.float32)).reshape(-1, 5, 2)
        for answer, (_, taught) in zip(answers, seen, strict=True):
            said, true = _landmarks(answer), _landmarks(taught)
            off.append(abs((roll(said) - roll(true) + 180) % 360 - 180))
            yaws.append((yaw(said), yaw(true)))
    return LandmarkScore(
        source=source,
        n=len(faces),
        roll_error=float(np.median(off)),
        roll_error_of_nine_in_ten=float(np.percentile(off, 90)),
        yaw_correlation=_correlation(np.array(yaws)),
    )


def _landmarks(points: np.ndarray) -> Landmarks:
    return tuple((float(x), float(y)) for x, y in points)


def _correlation(pairs: np.ndarray) -> float:
    """Of (N, 2) values; NaN where one of them is always the same."""
    if (pairs.std(axis=0) < _ALIKE).any():
        return float("nan")
    return float(np.clip(np.corrcoef(pairs.T)[0, 1], -1, 1))


def in_words(score: LandmarkScore) -> str:
    yaw_words = "unknown" if np.isnan(score.yaw_correlation) else f"{score.yaw_correlation:.2f}"
    return (
        f"{score.source:20} n={score.n:5}  roll off by {score.roll_error:.1f} degrees, nine in ten by at "
        f"most {score.roll_error_of_nine_in_ten:.1f}; correlation of yaw {yaw_words}"
    )
