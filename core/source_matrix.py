"""The numbers of a cross-source table: a recall, its interval and its faces for each pair of sources."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import RecordError
from core.evaluation import CrossCell, CrossSource
from core.mean_recall import mean_recall_interval


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


def label_names(table: CrossSource) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell.label for cell in table.cells))


def pairs(table: CrossSource, label: str | None = None) -> tuple[Pair, ...]:
    """Of one label, with the stored interval, or of their mean (None).

    Raises `RecordError` when the table contradicts itself.
    """
    cells: dict[tuple[str, str], list[CrossCell]] = defaultdict(list)
    for cell in table.cells:
        if cell.hits > cell.n:
            raise RecordError(
                f"{table.id}: {cell.hits} right of {cell.n} faces cannot be ({cell.label}, trained on "
                f"{cell.trained_on}, tested on {cell.tested_on}). Make the table again: "
                "python -m training.cross_source."
            )
        of_pair = cells[cell.trained_on, cell.tested_on]
        if label in (None, cell.label):
            of_pair.append(cell)
    return tuple(_pair(*sources, found) for sources, found in cells.items())


def _pair(trained_on: str, tested_on: str, cells: Sequence[CrossCell]) -> Pair:
    known = [cell for cell in cells if cell.n]
    if not known:
        return Pair(trained_on, tested_on, math.nan, (math.nan, math.nan), 0)
    if len(known) == 1:
        return Pair(trained_on, tested_on, known[0].recall, known[0].interval, known[0].n)
    return Pair(
        trained_on,
        tested_on,
        sum(cell.recall for cell in known) / len(known),
        mean_recall_interval((cell.hits, cell.n) for cell in known),
        sum(cell.n for cell in known),
    )


def mean_of(pairs: Iterable[Pair]) -> float:
    """Each pair counts alike; NaN without any that has faces."""
    recalls = [pair.recall for pair in pairs if pair.n]
    return sum(recalls) / len(recalls) if recalls else math.nan
