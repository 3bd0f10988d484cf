"""How well a model tells each label: precision, recall and F1, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics import f1_scores, precisions, rate, recalls, wilson
from core.runs import Averages, Baseline, Bootstrap, ClassificationReport, Evaluation, LabelReport

Interval = tuple[float, float]
UNKNOWN: Interval = (math.nan, math.nan)


@dataclass(frozen=True, slots=True)
class Rate:
    """A proportion of `n` faces and its 95% interval, NaN without examples.

    `by_group`: the interval is that of the stored bootstrap, which draws whole groups; else Wilson's, which
    takes faces for independent and is too narrow where several show one person.
    """

    value: float
    n: int
    interval: Interval
    by_group: bool = False


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """One label: recall of its `n` faces, precision of those named so, F1 of those that are either."""

    label: str
    n: int
    recall: Rate
    precision: Rate
    f1: Rate


@dataclass(frozen=True, slots=True)
class ClassReport:
    """`macro` counts each label alike, `weighted` by its faces; `baseline` always names the commonest."""

    labels: tuple[LabelFigures, ...]
    accuracy: Rate
    macro: Averages
    macro_recall: Interval
    weighted: Averages
    baseline: Baseline


def from_evaluation(evaluation: Evaluation) -> ClassReport | None:
    """From what is stored; None where that is older than reports are."""
    found, drawn = evaluation.report, evaluation.bootstrap
    if found is None or not found.labels:
        return None
    return _with_intervals(found, drawn, evaluation.majority)


def from_counts(counts: np.ndarray, labels: Sequence[str]) -> ClassReport:
    """From a confusion matrix (C, C) alone: row is the true label, column the predicted one."""
    return _with_intervals(report(counts, labels))


def report(counts: np.ndarray, labels: Sequence[str]) -> ClassificationReport:
    """Precision, recall and F1 of a confusion matrix (C, C), and their means over labels with faces."""
    n, predicted, hits = counts.sum(axis=1), counts.sum(axis=0), counts.diagonal()
    figures = {"precision": precisions(counts), "recall": recalls(counts), "f1": f1_scores(counts)}
    return ClassificationReport(
        labels=tuple(
            LabelReport(
                label=label,
                n=int(n[class_index]),
                predicted=int(predicted[class_index]),
                hits=int(hits[class_index]),
                **{name: float(values[class_index]) for name, values in figures.items()},
            )
            for class_index, label in enumerate(labels)
        ),
        macro=Averages(**{name: _mean(values, n > 0) for name, values in figures.items()}),
        weighted=Averages(**{name: _mean(values, n) for name, values in figures.items()}),
    )


def _mean(values: np.ndarray, weights: np.ndarray) -> float:
    known = np.isfinite(values) & (weights > 0)
    return float(np.average(values[known], weights=weights[known])) if known.any() else math.nan


def _with_intervals(
    found: ClassificationReport, drawn: Bootstrap | None = None, baseline: Baseline | None = None
) -> ClassReport:
    n = sum(row.n for row in found.labels)
    commonest = max(found.labels, key=lambda row: row.n)
    recall = drawn.recall if drawn else {}
    return ClassReport(
        labels=tuple(
            LabelFigures(
                label=row.label,
                n=row.n,
                recall=rated(row.hits, row.n, recall.get(row.label, UNKNOWN)),
                precision=rated(row.hits, row.predicted),
                f1=_f1(row),
            )
            for row in found.labels
        ),
        accuracy=rated(sum(row.hits for row in found.labels), n, drawn.accuracy if drawn else UNKNOWN),
        macro=found.macro,
        macro_recall=drawn.macro_recall if drawn else UNKNOWN,
        weighted=found.weighted,
        baseline=baseline or Baseline(label=commonest.label, hits=commonest.n, accuracy=rate(commonest.n, n)),
    )


def rated(hits: int, n: int, by_group: Interval = UNKNOWN) -> Rate:
    """`hits` of `n` with the interval `by_group`, or Wilson's where that one says nothing.

    Draws of groups that are all right, or all wrong, do not vary: certainty that a few groups cannot give.
    """
    low, high = by_group
    varies = n > 0 and low < high
    return Rate(rate(hits, n), n, by_group if varies else wilson(hits, n), by_group=varies)


def _f1(row: LabelReport) -> Rate:
    """F1 = 2 J / (1 + J) rises with J, the proportion of hits in faces that are of the label or named so.

    So Wilson's interval of J gives that of F1. It agrees with a bootstrap over faces, and unlike one it has
    a width where there are no hits.
    """
    either = row.n + row.predicted - row.hits
    low, high = (2 * j / (1 + j) for j in rated(row.hits, either).interval)
    return Rate(row.f1, either, (low, high))
