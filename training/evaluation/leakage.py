"""Test faces that are near-duplicates of faces that training saw."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from tqdm import tqdm

from core.errors import ImageError
from training.data import Example, load_crop, near_duplicates

CROP_SCALE = 1.5  # of the recipes: two faces of one photo are no twins


def prints_of(examples: Sequence[Example]) -> tuple[np.ndarray, list[Example]]:
    """(N, 4) fingerprints of the faces that can be read, and their examples."""

    def one(example: Example) -> np.ndarray | None:
        try:
            return near_duplicates.fingerprint(load_crop(example, CROP_SCALE))
        except ImageError:
            return None  # whoever trains or evaluates says so

    with ThreadPoolExecutor() as pool:
        found = list(
            tqdm(pool.map(one, examples), total=len(examples), desc="comparing", unit="picture", disable=None)
        )
    kept = [(p, e) for p, e in zip(found, examples, strict=True) if p is not None]
    prints = np.stack([p for p, _ in kept]) if kept else np.empty((0, 4), np.uint64)
    return prints, [e for _, e in kept]


def twin_counts(tested: Sequence[Example], learned: Sequence[Example], correct: np.ndarray) -> dict[str, int]:
    """The fields of `Leakage` about near-twins; `correct` (N,) bool says which faces were named rightly."""
    prints, readable = prints_of(tested)
    has_twin, kept = near_duplicates.have_twin(prints, prints_of(learned)[0]), set(readable)
    return twin_fields(has_twin, correct[[e in kept for e in tested]])


def twin_fields(has_twin: np.ndarray, right: np.ndarray | None) -> dict[str, int]:
    """As `twin_counts`, from (N,) bool: which faces have one, and which were named rightly, if known."""
    counts = {"twins": int(has_twin.sum())}
    if right is not None:
        counts["hits_with_twin"] = int(right[has_twin].sum())
        counts["hits_without"] = int(right[~has_twin].sum())
    return counts
