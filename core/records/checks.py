"""Whether the counts of a record fit each other."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.runs.evaluation import Evaluation


def part(field: str, few: int, many: int) -> None:
    """Raises `ValueError` when `few` were counted among `many` and are more."""
    if few > many:
        raise ValueError(f"{field} says {few}, but there are only {many}")


def known(field: str, names: Iterable[Hashable], of: Iterable[Hashable]) -> None:
    """Raises `ValueError` unless `names` are among `of`, each once."""
    names = list(names)
    if len(names) > len(set(names)) or not set(names) <= set(of):
        raise ValueError(f"{field} names something twice, or that the record does not know")


def check(e: Evaluation) -> None:
    """Raises `ValueError` that names the field of which the counts do not fit the others'."""
    labels, size = e.labels.names, len(e.labels.names)
    if any(len(table) != size or any(len(row) != size for row in table) for table in e.confusion.values()):
        raise ValueError(f"confusion holds a table that is not {size} x {size}, one row and column a label")
    if sum(sum(row) for table in e.confusion.values() for row in table) != e.n:
        raise ValueError(f"confusion does not add up to n={e.n}")
    known("scores", [(score.source, score.label) for score in e.scores], product(e.confusion, labels))
    for score in e.scores:
        if not all(0 <= share <= 1 or math.isnan(share) for share in (score.recall, *score.interval)):
            raise ValueError(f"scores: {score.source}/{score.label} has a rate that is no share")
        known("scores.predicted", score.predicted, labels)
        if sum(score.predicted.values()) != score.n:
            raise ValueError(f"scores: {score.source}/{score.label} does not add up to n={score.n}")
    part("scores", sum(score.n for score in e.scores), e.n)
    part("calibration", sum(bin.n for bin in e.calibration), e.n)
    for field in ("face_px_slices", "sharpness_slices", "brightness_slices"):
        part(field, sum(found.n for found in getattr(e, field)), e.n)
    for kind, values in e.kinds.items():
        part(f"kinds.{kind}", sum(n for _, n in values.values()), e.n)
        for hits, n in values.values():
            part(f"kinds.{kind}", hits, n)
    for point in e.margins:
        part("margins", point.answered, e.n)
    for gate in e.gated:
        part("gated", gate.n, e.n)
    if e.report:
        known("report.labels", (row.label for row in e.report.labels), labels)
        part("report.labels", sum(row.n for row in e.report.labels), e.n)
        part("report.labels", sum(row.predicted for row in e.report.labels), e.n)
    if e.majority:
        known("majority.label", [e.majority.label], labels)
        part("majority.hits", e.majority.hits, e.n)
    if e.bootstrap:
        known("bootstrap.recall", e.bootstrap.recall, labels)
        part("bootstrap.groups", e.bootstrap.groups, e.n)
    known("one_vs_rest", (curve.label for curve in e.one_vs_rest), labels)
    for curve in e.one_vs_rest:
        if curve.n + curve.others != e.n:
            raise ValueError(f"one_vs_rest.{curve.label} does not add up to n={e.n}")
    if e.leakage and e.leakage.n != e.n:
        raise ValueError(f"leakage.n is not n={e.n}")
