"""Bounds of what a record may hold: one that was read can be shown without checking each of its values."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import AfterValidator, FailFast, Field

from core.labels import LabelSet
from core.records.store import Record

_ROUNDING = 1e-6  # by which a sum of probabilities in 32 bits may pass 1
MAX_SOURCES, MAX_POINTS, MAX_ROWS, MAX_LINES = 200, 2_000, 1_000, 10_000
MAX_TEXT, MAX_LONG_TEXT = 200, 1_000  # characters

Text = Annotated[str, Field(max_length=MAX_TEXT)]
LongText = Annotated[str, Field(max_length=MAX_LONG_TEXT)]
PLAIN_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
# No control or direction character: labels go into screens, spoken words, XML and CSV
LabelName = Annotated[
    str,
    Field(
        max_length=100, pattern=r"^[^\x00-\x1F\x7F-\x9F\x{200E}\x{200F}\x{2028}-\x{202E}\x{2066}-\x{2069}]*$"
    ),
]
NonNegativeInt = Annotated[int, Field(ge=0, le=10**12)]  # a bound, so that sums and proportions stay numbers
PlainName = Annotated[str, Field(pattern=PLAIN_NAME)]


class Labels(Record):
    """Label set by name and order: index == output unit."""

    set: LabelName
    names: Annotated[tuple[LabelName, ...], Field(max_length=64)]

    def as_label_set(self) -> LabelSet:
        """The same as the code has it. Raises `RecordError` for fewer than two labels, or one twice."""
        return LabelSet(self.set, self.names)


def _proportion_or_nan(value: float) -> float:
    if not (0 <= value <= 1 + _ROUNDING or math.isnan(value)):
        raise ValueError("give a proportion from 0 to 1, or NaN where nothing was counted")
    return value


def _ordered(interval: tuple[float, float]) -> tuple[float, float]:
    if interval[0] > interval[1]:
        raise ValueError("the lower end of an interval comes first")
    return interval


def _two_or_more(labels: Labels) -> Labels:
    if len(labels.names) < 2 or len(set(labels.names)) < len(labels.names):
        raise ValueError("give two or more different labels")
    return labels


KnownProportion = Annotated[float, Field(ge=0, le=1 + _ROUNDING)]
Proportion = Annotated[float, AfterValidator(_proportion_or_nan)]
Interval = Annotated[tuple[Proportion, Proportion], AfterValidator(_ordered)]
LabelNames = Annotated[Labels, AfterValidator(_two_or_more)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
STOP_EARLY = FailFast()  # else millions of wrong values are millions of errors, each of them kept
