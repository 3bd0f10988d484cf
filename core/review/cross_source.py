"""The numbers of a cross-source table: a recall, its interval and its faces for each pair of sources."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.metrics import mean_recall_interval
from core.runs import CrossCell, CrossSource

_NOTHING = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Pair:
    """What a network trained on one source finds of another's `n` faces. NaN where there are none.

    `recall` is of one label, or the mean over all that have faces. `own`: both are the same source, of which
    then only the groups kept for validation are tested.
    """

    trained_on: str
    tested_on: str
    recall: float
    interval: tuple[float, float]
    n: int

    @property
    def own(self) -> bool:
        return self.trained_on == self.tested_on

    @property
    def known(self) -> bool:
        return not math.isnan(self.recall)


def label_names(table: CrossSource) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell.label for cell in table.cells))


def pairs(table: CrossSource, label: str | None = None) -> tuple[Pair, ...]:
    """Of one label, as stored, or with None of the mean of them all."""
    if label is None:
        return tuple(_mean(table, *sources, found) for sources, found in table.by_pair.items())
    return tuple(_of_label(*sources, found, label) for sources, found in table.by_pair.items())


def _mean(table: CrossSource, trained_on: str, tested_on: str, cells: Sequence[CrossCell]) -> Pair:
    recall, n = table.mean_recall(trained_on, tested_on)
    interval = mean_recall_interval((cell.hits, cell.n) for cell in cells)
    return Pair(trained_on, tested_on, recall, interval, n)


def _of_label(trained_on: str, tested_on: str, cells: Sequence[CrossCell], label: str) -> Pair:
    for cell in cells:
        if cell.label == label and cell.n:
            return Pair(trained_on, tested_on, cell.recall, cell.interval, cell.n)
    return Pair(trained_on, tested_on, math.nan, _NOTHING, 0)


def mean_of(pairs: Iterable[Pair]) -> float:
    """Each pair counts alike; NaN without any that is known."""
    recalls = [pair.recall for pair in pairs if pair.known]
    return sum(recalls) / len(recalls) if recalls else math.nan
