"""What the evaluations of a run give to its model card."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

from core.models import LabelScore
from core.review import (
    ABOUT_SKIN_TONE,
    SKIN_TONE,
    ClassReport,
    SliceAccuracy,
    by_dimension,
    class_report,
    confusion,
    slices,
    worst_of_all,
)
from core.runs import AtMargin, Evaluation, Run

MAX_TOLD = 4  # evaluations: more are named only, since an untrusted run may have any number of large ones


def each(run: Run) -> Iterator[tuple[str, Evaluation]]:
    """Its first evaluations by what they were measured on, in words that may be untrusted."""
    for tested_on, evaluation in islice(run.evaluations.items(), MAX_TOLD):
        yield tested_on or "its own test part", evaluation


def report_of(evaluation: Evaluation) -> ClassReport:
    """As stored, or from the counts of a record from before reports were. Raises `RecordError`."""
    found = class_report.from_evaluation(evaluation)
    return found or class_report.from_counts(confusion.table(evaluation), evaluation.labels.names)


def told(run: Run) -> dict[str, Any]:
    """What templates need to tell of a run's evaluations."""
    evaluations = list(each(run))
    return {
        "run": run,
        "told": evaluations,
        "further": len(run.evaluations) - len(evaluations),
        "report_of": report_of,
        "worst_first": slices.worst_first,
        "worst_of": worst_of,
        "label_slices_of": by_dimension,
        "worst_of_all": worst_of_all,
        "about_skin_tone": ABOUT_SKIN_TONE,
        "SKIN_TONE": SKIN_TONE,
    }


def looked_apart_by(run: Run) -> list[str]:
    """Quantities by which the faces of an evaluation were looked at apart."""
    evaluations = [e for _, e in each(run)]
    found = (s for e in evaluations for s in slices.worst_first(e) if s.accuracy.n)
    quantities = ["real or drawn mask" if s.quantity == "drawn" else s.quantity for s in found]
    return list(dict.fromkeys([*quantities, *(d for e in evaluations for d in by_dimension(e))]))


def worst_of(e: Evaluation) -> tuple[LabelScore | None, SliceAccuracy | None]:
    """The label of a source and the kind of face that it gets wrong most often, of those that tell."""
    scores = [s for s in e.scores if s.n >= slices.LEAST]
    return min(scores, key=lambda s: s.recall, default=None), slices.worst(slices.worst_first(e))


def at_margin(run: Run, margin: float) -> AtMargin | None:
    """What a least margin does on the run's own test part, where that was measured."""
    e = run.evaluation
    return next((p for p in e.margins if math.isclose(p.margin, margin)), None) if e else None
