"""A training's curves: what was measured after each epoch, smoothed, and where phases and the best one are.

A record may be untrusted, or of a training that diverged: any of its numbers may be NaN or infinite.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.metrics import wilson
from core.runs import Epoch, Run


@dataclass(frozen=True, slots=True)
class EpochSeries:
    """The epochs of one network: a run's, or those of a part that was trained before it was joined."""

    name: str
    epochs: tuple[Epoch, ...]
    settings: Mapping[str, Any]
    ended: bool = True

    def values(self, field: str) -> np.ndarray:
        """(N,) floats of an epoch's field, NaN for what is not finite."""
        found = np.array([getattr(epoch, field) for epoch in self.epochs], float)
        return np.where(np.isfinite(found), found, np.nan)

    @property
    def best(self) -> int | None:
        """Index of the epoch with the least validation loss, the one that is kept."""
        losses = self.values("val_loss")
        return None if np.isnan(losses).all() else int(np.nanargmin(losses))

    @property
    def minutes(self) -> np.ndarray:
        """(N,) minutes trained at the end of each epoch."""
        return np.asarray(self.values("seconds").cumsum() / 60)

    @property
    def phases(self) -> list[tuple[int, str]]:
        """Index of the first epoch of each phase, and the phase's name."""
        names = [epoch.phase for epoch in self.epochs]
        return [(i, name) for i, name in enumerate(names) if not i or name != names[i - 1]]


def curves_of(run: Run, *, ended: bool = True) -> tuple[EpochSeries, ...]:
    """The run's own curve, then those of its parts; without those that have no epoch yet."""
    own = EpochSeries(run.name, run.epochs, run.config.settings, ended)
    parts = (
        EpochSeries(f"{run.name}, {part}", e, run.config.settings, ended) for part, e in run.parts.items()
    )
    return tuple(curve for curve in (own, *parts) if curve.epochs)


def smoothed(values: np.ndarray, strength: float) -> np.ndarray:
    """Exponential moving average of (N,) values, `strength` 0 (none) to below 1; NaN stays and is skipped.

    Corrected for its start as Adam's moments are (Kingma and Ba 2015), so that it does not begin at 0.
    """
    average, weight = 0.0, 0.0
    found = np.full(len(values), np.nan)
    for i, value in enumerate(values):
        if math.isfinite(value):
            average = strength * average + (1 - strength) * value
            weight = strength * weight + (1 - strength)
            found[i] = average / weight
    return found


def validation_faces(epoch: Epoch) -> tuple[int, int]:
    """Correctly classified faces, of how many, of the validation part."""
    cells = epoch.validation.values()
    return sum(hits for hits, _ in cells), sum(n for _, n in cells)


def accuracy_interval(epoch: Epoch) -> tuple[float, float]:
    """Wilson's 95% interval of the validation accuracy; (NaN, NaN) where no faces were counted."""
    return wilson(*validation_faces(epoch))
