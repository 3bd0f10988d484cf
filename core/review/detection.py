"""What a detector finds on pictures that training never saw: runs/<id>/detection.json, and what its rows say.

The rows are of `core.runs.detections`, runs/<id>/detections.csv.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from core.metrics import SIZE_EDGES, named_at_thresholds
from core.models import WAYS, DetectionScore, Way
from core.review.class_report import Rate, rated
from core.runs import Detections


@dataclass(frozen=True, slots=True)
class MatchedDetections:
    """Of `n` labelled faces `found`, and `false` detections, from some score on."""

    n: int
    found: int
    false: int

    @property
    def recall(self) -> Rate:
        return rated(self.found, self.n)

    @property
    def precision(self) -> Rate:
        return rated(self.found, self.found + self.false)


@dataclass(frozen=True, slots=True)
class FoundOfHeight:
    """Faces and false detections with low <= height < high, pixels; `ap50` is over all scores."""

    low: float
    high: float
    counts: MatchedDetections
    ap50: float


@dataclass(frozen=True, slots=True, eq=False)
class PrecisionRecall:
    """Both at each distinct score as threshold, which falls: (T,) arrays, not interpolated."""

    score: np.ndarray
    precision: np.ndarray
    recall: np.ndarray


def at_score(rows: Detections, min_score: float) -> MatchedDetections:
    """What counts when a detection needs `min_score`. Rows of one way."""
    enough, labelled = rows.score >= min_score, rows.labelled  # NaN is not
    return MatchedDetections(
        int(labelled.sum()), int((enough & labelled).sum()), int((enough & ~labelled).sum())
    )


def precision_recall(rows: Detections) -> PrecisionRecall:
    """The curve of rows of one way. Recall is NaN without labelled faces; empty without detections."""
    matches, n = rows.matches(), int(rows.labelled.sum())
    if not len(matches.scores):
        return PrecisionRecall(np.zeros(0), np.zeros(0), np.zeros(0))
    score, found, false = named_at_thresholds(matches.scores, matches.hits)
    return PrecisionRecall(score, found / (found + false), found / n if n else np.full(len(score), math.nan))


def by_height(
    rows: Detections, min_score: float, edges: Sequence[float] = SIZE_EDGES
) -> tuple[FoundOfHeight, ...]:
    """Recall, precision and average precision by height. Rows of one way."""
    found = []
    for low, high in pairwise(edges):
        mine = rows.of_height(low, high)
        found.append(FoundOfHeight(low, high, at_score(mine, min_score), mine.average_precision()))
    return tuple(found)


def misses(rows: Detections, min_score: float) -> Detections:
    """Labelled faces that no detection of at least `min_score` found, the largest first."""
    missed = np.flatnonzero(rows.labelled & ~(rows.score >= min_score))
    return rows.only(missed[np.argsort(-rows.heights[missed], kind="stable")])


def detection_scores(
    rows: Detections, pictures: Mapping[str, int], min_score: Mapping[Way, float]
) -> tuple[DetectionScore, ...]:
    """Counts at the operating points, by way and source. `pictures` are counted by source."""
    found = []
    for way, source in product(WAYS, sorted(pictures)):
        mine = rows.of(way, source)
        counts = at_score(mine, min_score[way])
        found.append(
            DetectionScore(
                way=way,
                source=source,
                pictures=pictures[source],
                n=counts.n,
                found=counts.found,
                false=counts.false,
                ap50=mine.average_precision(),
            )
        )
    return tuple(found)
