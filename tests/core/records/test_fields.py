"""Bounds of what a record may hold."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from core.labels import MASK_3
from core.records import (
    Finite,
    Interval,
    KnownProportion,
    LabelNames,
    Labels,
    NonNegativeInt,
    PlainName,
    Positive,
    Proportion,
)

MASK = {"set": "mask", "names": ["worn", "bare"]}
TAKEN: list[tuple[Any, Any]] = [
    (NonNegativeInt, 0), (NonNegativeInt, 10**12), (PlainName, "mask3-v1.2_b"), (Proportion, 0.0),
    (Proportion, 1 + 1e-7), (Proportion, math.nan), (KnownProportion, 1.0), (Interval, (0.1, 0.1)),
    (Interval, (math.nan, math.nan)), (Finite, -1e300), (Positive, 1e-300), (LabelNames, MASK),
]  # fmt: skip
REFUSED: list[tuple[Any, Any]] = [
    (NonNegativeInt, -1), (NonNegativeInt, 10**12 + 1), (PlainName, ""), (PlainName, "../mask3"),
    (PlainName, ".mask3"), (PlainName, "a/b"), (PlainName, "a" * 101), (PlainName, "a\n"),
    (Proportion, 1.001), (Proportion, -0.1), (Proportion, math.inf), (KnownProportion, math.nan),
    (Interval, (0.2, 0.1)), (Interval, (0.2, 1.2)), (Finite, math.inf), (Finite, math.nan), (Positive, 0.0),
    (LabelNames, MASK | {"names": ["worn"]}), (LabelNames, MASK | {"names": ["worn", "worn"]}),
    (LabelNames, MASK | {"names": ["worn", "b\u202eare"]}), (LabelNames, MASK | {"names": ["a", "b" * 101]}),
    (Labels, MASK | {"names": [str(number) for number in range(65)]}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), TAKEN)
def test_what_is_within_its_bounds_is_taken_as_it_is(kind, value):
    read = TypeAdapter(kind).validate_python(value)
    assert read.as_json() == value if isinstance(read, Labels) else read == pytest.approx(value, nan_ok=True)


@pytest.mark.parametrize(("kind", "value"), REFUSED)
def test_what_is_not_is_refused(kind, value):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(value)


def test_labels_are_a_label_set_in_the_same_order():
    labels = Labels(set=MASK_3.name, names=tuple(MASK_3))
    assert labels.as_label_set() == MASK_3
