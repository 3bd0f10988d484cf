"""How sure an average precision is: the bootstrap over pictures, of which faces and false detections are."""

from __future__ import annotations

import math

import numpy as np

from core.metrics import area_under_precision_recall
from core.runs import Detections

RESAMPLES = 300  # ends of the interval then move by less than a tenth of its width from seed to seed


def average_precision_interval(
    rows: Detections, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """95% percentile interval (Efron 1979) of `Detections.average_precision`.

    Pictures of these rows are drawn with replacement. (NaN, NaN) without labelled faces.
    """
    labelled = rows.labelled
    if not labelled.any():
        return math.nan, math.nan
    names, picture = np.unique(rows.picture, return_inverse=True)
    detected = np.flatnonzero(~np.isnan(rows.score))
    # Of equal scores the false detections come first, as in `Detections.matches`
    detected = detected[np.lexsort((labelled[detected], -rows.score[detected]))]
    hit, of_picture = labelled[detected], picture[detected]
    faces = np.bincount(picture[labelled], minlength=len(names))
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(resamples):
        drawn = np.bincount(rng.integers(len(names), size=len(names)), minlength=len(names))
        if n := int(drawn @ faces):
            weight = drawn[of_picture]
            found.append(
                area_under_precision_recall(np.cumsum(weight * hit), np.cumsum(weight), n, interpolated=True)
            )
    low, high = np.percentile(found, (2.5, 97.5))
    return float(low), float(high)
