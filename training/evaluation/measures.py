"""The parts of an evaluation, from plain arrays of N faces: class indices (N,), rights (N,), scores (N,)."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from core.classification import FaceProbabilities
from core.labels import DEPICTION, NOT_A_FACE
from core.metrics import (
    area_under_roc,
    average_precision,
    named_at_thresholds,
    rate,
    recalls,
    resampled,
    wilson,
)
from core.models import LabelScore
from core.runs import AtMargin, AtThreshold, Baseline, Bootstrap, OneVsRest, Refusals, Slice

GRID = tuple(round(0.05 * i, 2) for i in range(1, 20))  # thresholds and margins that people may choose
CURVE_POINTS = 50  # along each axis, so that no step of a curve is larger than some 2%
RESAMPLES, SEED = 1000, 0  # the ends of a 95% interval then rest on 25 draws each


def scores(tables: dict[str, np.ndarray], labels: Sequence[str]) -> list[LabelScore]:
    """Recall of each source and label that has faces, from confusion matrices by source."""
    found = []
    for source, table in tables.items():
        for index, label in enumerate(labels):
            n, hits = int(table[index].sum()), int(table[index, index])
            if n:
                found.append(
                    LabelScore(
                        source=source,
                        label=label,
                        n=n,
                        predicted={other: int(table[index, k]) for k, other in enumerate(labels)},
                        recall=rate(hits, n),
                        interval=wilson(hits, n),
                    )
                )
    return found


def refusals(
    kinds: Sequence[str], said: FaceProbabilities, refused_from: Mapping[str, float]
) -> tuple[Refusals, ...]:
    """Of each of `kinds` (N,), what a model with these thresholds refuses."""
    found = []
    no_face = said.not_a_face >= refused_from[NOT_A_FACE]
    depiction = (said.depiction >= refused_from[DEPICTION]) & ~no_face
    for kind in dict.fromkeys(kinds):
        mine = np.array([k == kind for k in kinds])
        n, dropped, depictions = (int((mine & of).sum()) for of in (mine, no_face, depiction))
        hits = dropped + depictions
        found.append(
            Refusals(
                kind=kind,
                n=n,
                dropped=dropped,
                depictions=depictions,
                rate=rate(hits, n),
                interval=wilson(hits, n),
            )
        )
    return tuple(found)


def baseline(true: np.ndarray, labels: Sequence[str]) -> Baseline:
    counts = np.bincount(true, minlength=len(labels))
    index = int(counts.argmax())
    return Baseline(
        label=labels[index], hits=int(counts[index]), accuracy=rate(int(counts[index]), int(counts.sum()))
    )


def bootstrap(
    true: np.ndarray, predicted: np.ndarray, groups: Sequence[str], labels: Sequence[str]
) -> Bootstrap:
    """Intervals by drawing whole groups: faces of one group are right or wrong together."""
    names, places = np.unique(np.asarray(groups), return_inverse=True)
    tables = np.zeros((len(names), len(labels), len(labels)))
    np.add.at(tables, (places, true, predicted), 1)
    drawn = resampled(tables, RESAMPLES, SEED)
    shares = recalls(drawn)
    occurs = tables.sum(axis=(0, 2)) > 0
    hits = drawn.diagonal(axis1=1, axis2=2).sum(axis=1)
    spread = (tables.sum(axis=2) > 0).sum(axis=0)  # groups that have the label
    return Bootstrap(
        resamples=RESAMPLES,
        seed=SEED,
        groups=len(names),
        accuracy=_interval(hits / drawn.sum(axis=(1, 2)), len(names)),
        macro_recall=_interval(shares[:, occurs].mean(axis=1), int(spread[occurs].min())),
        recall={label: _interval(shares[:, index], int(spread[index])) for index, label in enumerate(labels)},
    )


def _interval(values: np.ndarray, groups: int) -> tuple[float, float]:
    """2.5 and 97.5 percentile. A draw without the label says nothing; one group alone cannot vary."""
    known = values[np.isfinite(values)]
    if groups < 2 or not len(known):
        return math.nan, math.nan
    low, high = np.percentile(known, (2.5, 97.5))
    return float(low), float(high)


def one_vs_rest(label: str, score: np.ndarray, positive: np.ndarray) -> OneVsRest:
    n = int(positive.sum())
    thresholds, true, false = named_at_thresholds(score, positive)
    kept = np.unique(
        np.concatenate([np.searchsorted(c, np.linspace(0, c[-1], CURVE_POINTS)) for c in (true, false)])
    )
    return OneVsRest(
        label=label,
        n=n,
        others=len(positive) - n,
        auc=area_under_roc(score, positive),
        average_precision=average_precision(score, positive),
        curve=tuple(_point(thresholds[i], true[i], false[i]) for i in kept),
        thresholds=tuple(
            _point(t, (score[positive] >= t).sum(), (score[~positive] >= t).sum()) for t in GRID
        ),
    )


def _point(threshold: float, true: int, false: int) -> AtThreshold:
    return AtThreshold(threshold=float(threshold), true_positives=int(true), false_positives=int(false))


def margins(margin: np.ndarray, correct: np.ndarray, operating_point: float) -> tuple[AtMargin, ...]:
    """How many faces are answered, and how many of them rightly, by the lead that an answer needs."""
    return tuple(
        AtMargin(
            margin=least,
            answered=int((margin >= least).sum()),
            hits=int(correct[margin >= least].sum()),
        )
        for least in sorted({0.0, *GRID, operating_point})
    )


def slices(quantity: np.ndarray, correct: np.ndarray, edges: Sequence[float]) -> tuple[Slice, ...]:
    """Rights by a quantity; a face of which it is not known (NaN) is in none."""
    return tuple(
        Slice(low=low, high=high, n=int(inside.sum()), hits=int(correct[inside].sum()))
        for low, high in itertools.pairwise(edges)
        for inside in ((quantity >= low) & (quantity < high),)
    )


def by_value(values: Sequence[str], correct: np.ndarray) -> dict[str, tuple[int, int]]:
    """(hits, n) by value."""
    table = np.asarray(values)
    return {v: (int(correct[table == v].sum()), int((table == v).sum())) for v in sorted(set(values))}
