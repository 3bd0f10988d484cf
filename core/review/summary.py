"""What a model is worth, as far as it can be said without a chart: right, weakest, what changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.metrics import rate, wilson
from core.review import class_report
from core.review.comparison import why_not_comparable
from core.runs import Evaluation, Run

_VERSION = re.compile(r"(.+)-v(\d{1,6})")


@dataclass(frozen=True, slots=True)
class LabelHits:
    """Of `n` test faces of a label `hits` are named so, most of the others `mistaken_for`, None without.

    `interval`, of 95%, is that of the report.
    """

    label: str
    hits: int
    n: int
    mistaken_for: str | None
    interval: tuple[float, float]

    @property
    def recall(self) -> float:
        """NaN without examples."""
        return rate(self.hits, self.n)


def by_label(evaluation: Evaluation) -> tuple[LabelHits, ...]:
    """Each label in the evaluation's order, over all sources."""
    labels = evaluation.labels.names
    report = class_report.from_evaluation(evaluation)
    reported = {row.label: row.recall for row in report.labels} if report else {}
    found = []
    for row, label in enumerate(labels):
        counts = [sum(table[row][i] for table in evaluation.confusion.values()) for i in range(len(labels))]
        others = {
            other: count for other, count in zip(labels, counts, strict=True) if other != label and count
        }
        n, recall = sum(counts), reported.get(label)
        interval = recall.interval if recall and recall.n == n else wilson(counts[row], n)
        mistaken_for = max(others, key=others.__getitem__, default=None)
        found.append(LabelHits(label, counts[row], n, mistaken_for, interval))
    return tuple(found)


def weakest(evaluation: Evaluation) -> LabelHits | None:
    """The label that is least often named so; None without faces."""
    return min((one for one in by_label(evaluation) if one.n), key=lambda one: one.recall, default=None)


def hits(evaluation: Evaluation) -> int:
    return sum(one.hits for one in by_label(evaluation))


def version_before(run: Run, runs: Mapping[str, Run]) -> Run | None:
    """The newest earlier version ("mask3-v3" of "mask3-v4") that was measured on the same faces by the same
    labels.
    """
    if (match := _VERSION.fullmatch(run.name)) is None or run.evaluation is None:
        return None
    for version in range(int(match[2]) - 1, max(0, int(match[2]) - 100), -1):
        before = runs.get(f"{match[1]}-v{version}")
        if before is None or before.evaluation is None:
            continue
        same = before.evaluation.labels == run.evaluation.labels and before.evaluation.n == run.evaluation.n
        if same and not why_not_comparable(run.evaluation, before.evaluation):
            return before
    return None
