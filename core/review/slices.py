"""Where a model fails: its right answers by source, gender, drawn or real mask, and picture quality."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.review.class_report import Rate, rated
from core.runs import Evaluation, Slice

LEAST = 10  # faces: the interval of fewer spans half the scale and more, so that they tell nothing


@dataclass(frozen=True, slots=True)
class SliceAccuracy:
    """Right answers among the faces whose `quantity`, such as "source", has the `value`."""

    quantity: str
    value: str
    accuracy: Rate

    @property
    def tells(self) -> bool:
        """Whether there are enough faces to judge by."""
        return self.accuracy.n >= LEAST


def worst_first(evaluation: Evaluation) -> tuple[SliceAccuracy, ...]:
    """All slices of an evaluation: worst first, then those too small to tell, then the empty ones."""
    found = [
        SliceAccuracy(subgroup, value, rated(*counts))
        for subgroup, by_value in evaluation.subgroups.items()
        for value, counts in by_value.items()
    ]
    found += _of_quantity("face height", evaluation.face_px_slices, " px")
    found += _of_quantity("sharpness", evaluation.sharpness_slices)
    found += _of_quantity("brightness", evaluation.brightness_slices)
    return tuple(
        sorted(found, key=lambda s: (not s.tells, s.accuracy.n == 0, s.accuracy.value, -s.accuracy.n))
    )


def _of_quantity(name: str, slices: Sequence[Slice], unit: str = "") -> list[SliceAccuracy]:
    return [SliceAccuracy(name, _range(s.low, s.high) + unit, rated(s.hits, s.n)) for s in slices]


def _range(low: float, high: float) -> str:
    if math.isinf(high):
        return f"from {low:g}"
    return f"{low:g} to {high:g}" if low else f"under {high:g}"


def worst(slices: Sequence[SliceAccuracy]) -> SliceAccuracy | None:
    """The worst slice that has enough faces to tell, of slices that are worst first."""
    return next((s for s in slices if s.tells), None)
