"""Scoring a model by pictures of another label set: finer labels are read as coarser ones, not otherwise.

`gender_wear8` -> `wear4` -> `mask3`, of which `mask2` has all but `incorrect_mask`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from core.errors import RecordError
from core.labels import GENDER_WEAR_8, MASK_2, MASK_3, WEAR_4, LabelSet

_COARSER = {
    **{label: label.partition("_")[2] for label in GENDER_WEAR_8},
    "covers_nose_and_mouth": "with_mask",
    "covers_mouth_only": "incorrect_mask",
    "below_mouth": "incorrect_mask",
    "no_mask": "without_mask",
}


@dataclass(frozen=True, slots=True)
class Scoring:
    """The labels that a model is scored by, and what its classes and the data's labels count as.

    `of_model` (classes, labels) is 1 where a class counts as a label: `probabilities @ of_model` sums them
    up. A label of the data that `of_data` does not name cannot be scored.
    """

    labels: LabelSet
    of_model: np.ndarray
    of_data: Mapping[str, str]


def scoring(model: LabelSet, data: Collection[str]) -> Scoring:
    """The finest label set that both the model's and the data's labels lead to. Raises `RecordError`."""
    for labels in (model, WEAR_4, MASK_3, MASK_2):
        of_model = {label: _read_as(label, labels) for label in model}
        of_data = {label: as_ for label in data if (as_ := _read_as(label, labels))}
        if of_data and None not in of_model.values():
            table = np.array([[of_model[name] == label for label in labels] for name in model], np.float32)
            return Scoring(labels, table, of_data)
    raise RecordError(
        f"The model answers {', '.join(model)}, the data says {', '.join(sorted(data))}: nothing in common. "
        "Rename the labels of the data."
    )


def _read_as(label: str | None, labels: LabelSet) -> str | None:
    """`label`, or the first coarser one, that is in `labels`."""
    while label is not None and label not in labels.labels:
        label = _COARSER.get(label)
    return label
