"""An evaluation's faces read by fewer labels: a model that tells 8 apart also tells 4, 3 and 2."""

from __future__ import annotations

import numpy as np

from core.errors import RecordError
from core.label_maps import scoring
from core.labels import MASK_2, MASK_3, WEAR_4, LabelSet
from core.metrics import confusion
from core.runs import Predictions


def coarser_label_sets(labels: LabelSet) -> tuple[LabelSet, ...]:
    """`labels` and the smaller sets that they can be read as, each smaller than the one before."""
    found = [labels]
    for fewer in (WEAR_4, MASK_3, MASK_2):
        if len(fewer) < len(found[-1]) and _counts_as(labels, fewer) is not None:
            found.append(fewer)
    return tuple(found)


def confusion_as(predictions: Predictions, labels: LabelSet) -> np.ndarray:
    """(C, C) counts when the faces are read by `labels`, which are one of their `coarser_label_sets`.

    Probabilities of what counts as one label are summed. Faces of no label of the set (a mask worn wrongly,
    where only on and off are told apart) are left out, as is the probability of being one: what counts is
    which of `labels` is the more probable. Raises `RecordError`.
    """
    table = _counts_as(LabelSet("", predictions.labels), labels)
    if table is None:
        raise RecordError(f"{', '.join(predictions.labels)} cannot be read as {', '.join(labels)}.")
    probabilities = predictions.probabilities @ table
    kept = table[predictions.true].any(axis=1) & probabilities.any(axis=1)
    return confusion(
        table[predictions.true].argmax(axis=1)[kept], probabilities.argmax(axis=1)[kept], len(labels)
    )


def _counts_as(labels: LabelSet, fewer: LabelSet) -> np.ndarray | None:
    """(labels, fewer) 1 where the one counts as the other, None unless each of `fewer` is led to."""
    if labels.labels == fewer.labels:
        return np.eye(len(labels))
    try:
        way = scoring(labels, fewer.labels)
    except RecordError:
        return None
    if set(fewer) - set(way.labels):
        return None
    table = way.of_model[:, [way.labels.index(label) for label in fewer]]
    return table if table.any(axis=0).all() else None
