"""How sure a mean of recalls is: each label counts alike, however many faces it has."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np


def mean_recall_interval(counts: Iterable[tuple[int, int]]) -> tuple[float, float]:
    """95% interval of the mean of the recalls hits / n, given as (hits, n) for each label.

    Zou, Huang and Zhang 2009 ("A note on confidence interval estimation for a linear function of binomial
    proportions"): the distances of each recall from its own Wilson limits, added as squares. Unlike the
    normal interval it has a width where all recalls are 1. Labels without faces are left out; (NaN, NaN)
    where none has any.
    """
    recalls = [(rate(hits, n), *wilson(hits, n)) for hits, n in counts if n]
    if not recalls:
        return math.nan, math.nan
    k = len(recalls)
    mean = sum(p for p, _, _ in recalls) / k
    below = math.hypot(*(p - low for p, low, _ in recalls)) / k
    above = math.hypot(*(high - p for p, _, high in recalls)) / k
    return max(0.0, mean - below), min(1.0, mean + above)


def rate(hits: int, n: int) -> float:
    """Proportion of `n` that are hits; NaN when there are no examples."""
    if not 0 <= hits <= n:
        raise ValueError(f"hits={hits} of n={n}")
    return hits / n if n else math.nan


def wilson(hits: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's score interval of a rate (Wilson 1927), 95% by default; (NaN, NaN) without examples."""
    p = rate(hits, n)
    if not n:
        return math.nan, math.nan
    centre, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = ((centre + sign * spread) / (1 + z * z / n) for sign in (-1, 1))
    return max(0.0, low), min(1.0, high)


def resampled(counts: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """(resamples, ...) sums of counts (G, ...) over G groups drawn with replacement (Efron 1979)."""
    rng, groups = np.random.default_rng(seed), len(counts)
    flat = counts.reshape(groups, -1).astype(float)  # BLAS multiplies floats only
    sums = np.empty((resamples, flat.shape[1]))
    for row in sums:
        row[:] = np.bincount(rng.integers(groups, size=groups), minlength=groups) @ flat
    return sums.reshape(resamples, *counts.shape[1:])
