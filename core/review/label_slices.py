"""Where a model fails, each label apart: right answers by skin tone, view, roll, size and kind of mask."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.labels import appearance
from core.metrics import format_interval, percent
from core.review.class_report import Rate, rated
from core.runs import Evaluation, LabelSlice

LEAST_OF_LABEL = 20  # faces: with fewer, the interval of a good rate still reaches down to chance
UNKNOWN = "unknown"  # the value of faces of which it could not be measured, or the data does not say it
SKIN_TONE, VIEW, ROLL, SIZE = "skin tone", "view", "roll", "size"
MASK_KIND, WORN_WRONG = "kind of mask", "how it is worn wrong"
ABOUT_SKIN_TONE = (
    "Skin tone is the individual typology angle (ITA) of pixels, in whatever light the photo had: a "
    "measurement of the picture, not of a person."
)
TOO_FEW = "too few examples"
_SPEAK_FOR_THEMSELVES = (MASK_KIND, WORN_WRONG)  # dimensions whose values need no name before them


@dataclass(frozen=True, slots=True)
class LabelSliceRates:
    """The faces of a true label in a slice: how many are right, and how many get no answer."""

    dimension: str
    value: str
    label: str
    right: Rate
    cannot_tell: Rate

    @property
    def tells(self) -> bool:
        """Whether there are enough faces, and it is known what they have in common."""
        return self.right.n >= LEAST_OF_LABEL and self.value != UNKNOWN

    @property
    def name(self) -> str:
        """In words that may be untrusted: "Worn incorrectly, under the chin"."""
        dimension = "" if self.dimension in _SPEAK_FOR_THEMSELVES else f"{self.dimension} "
        return f"{appearance(self.label).short}, {dimension}{self.value}"


def by_dimension(evaluation: Evaluation) -> dict[str, tuple[LabelSliceRates, ...]]:
    """Slices that hold faces, in the record's order; empty where it is from before they were counted."""
    found: dict[str, list[LabelSliceRates]] = {}
    for one in evaluation.label_slices:
        if one.n:
            found.setdefault(one.dimension, []).append(_rates(one))
    return {dimension: tuple(slices) for dimension, slices in found.items()}


def _rates(counts: LabelSlice) -> LabelSliceRates:
    return LabelSliceRates(
        counts.dimension,
        counts.value,
        counts.label,
        rated(counts.hits, counts.n),
        rated(counts.cannot_tell, counts.n),
    )


def worst_of_labels(slices: Iterable[LabelSliceRates]) -> LabelSliceRates | None:
    """The least right of those that tell; of equals the one of more faces."""
    return min((s for s in slices if s.tells), key=lambda s: (s.right.value, -s.right.n), default=None)


def worst_words(slices: Iterable[LabelSliceRates]) -> str:
    """Said plainly, in words that may be untrusted."""
    found = worst_of_labels(slices)
    if found is None:
        return f"Worst: {TOO_FEW}"
    right, interval = found.right, format_interval(found.right.interval)
    return f"Worst: {found.name}, {percent(right.value)} of {right.n:,} right ({interval})"


def worst_of_all(evaluation: Evaluation) -> str | None:
    """`worst_words` over all dimensions; None where the record has none."""
    dimensions = by_dimension(evaluation).values()
    return worst_words(one for slices in dimensions for one in slices) if dimensions else None
