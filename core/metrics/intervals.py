"""How sure a mean of recalls is: each label counts alike, however many faces it has."""

from __future__ import annotations

import math
from collections.abc import Iterable

from core.metrics.classification import rate, wilson


def mean_recall_interval(counts: Iterable[tuple[int, int]]) -> tuple[float, float]:
    """95 % interval of the mean of the recalls hits / n, given as (hits, n) for each label.

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
