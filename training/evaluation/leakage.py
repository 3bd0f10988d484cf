"""Test faces that are near-duplicates of faces that training saw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from tqdm.contrib.concurrent import thread_map

from core.errors import ImageError
from training.data import Example, load_crop, near_duplicates

CROP_SCALE = 1.5  # of the recipes: two faces of one photo are no near-duplicates


def prints_of(examples: Sequence[Example]) -> tuple[np.ndarray, list[Example]]:
    """(N, 4) fingerprints of the faces that can be read, and their examples."""

    def one(example: Example) -> np.ndarray | None:
        try:
            return near_duplicates.fingerprint(load_crop(example, CROP_SCALE))
        except ImageError:
            return None  # whoever trains or evaluates says so

    found = thread_map(one, examples, desc="comparing", unit="picture", disable=None)
    kept = [(p, e) for p, e in zip(found, examples, strict=True) if p is not None]
    prints = np.stack([p for p, _ in kept]) if kept else np.empty((0, 4), np.uint64)
    return prints, [e for _, e in kept]


def near_duplicate_counts(
    tested: Sequence[Example], learned: Sequence[Example], correct: np.ndarray
) -> dict[str, int]:
    """The fields of `Leakage` about near-duplicates; `correct` (N,) bool of `tested`: named rightly."""
    prints, readable = prints_of(tested)
    has_duplicate, kept = near_duplicates.have_near_duplicate(prints, prints_of(learned)[0]), set(readable)
    return leakage_fields(has_duplicate, correct[[e in kept for e in tested]])


def leakage_fields(has_duplicate: np.ndarray, right: np.ndarray | None) -> dict[str, int]:
    """The same from (N,) bool: which faces have one, and which were named rightly, if known."""
    counts = {"twins": int(has_duplicate.sum())}
    if right is not None:
        counts["hits_with_twin"] = int(right[has_duplicate].sum())
        counts["hits_without"] = int(right[~has_duplicate].sum())
    return counts
