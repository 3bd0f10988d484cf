"""The numbers behind the charts of a model card, as tables in Markdown: curves, confusion, calibration."""

from __future__ import annotations

import numpy as np

from core.labels import appearance
from core.metrics import format_interval, percent
from core.reports.evaluation import of_each
from core.reports.markdown import MAX_TABLE, name, paragraphs, table
from core.review import confusion, filled
from core.runs import Evaluation, Run

MAX_ACROSS = 16  # labels: of more a matrix is not read, so its cells are listed


def numbers(run: Run) -> str:
    """Raises `RecordError`."""
    tested = of_each(run, lambda e: paragraphs((_confusion(e), _bins(e)))) if run.evaluations else ""
    return paragraphs((_epochs(run), tested))


def _epochs(run: Run) -> str:
    if not run.epochs:
        return "No epoch was recorded yet."
    kept = np.unique(np.linspace(0, len(run.epochs) - 1, MAX_TABLE).round().astype(int))
    header = (
        "Epoch",
        "Phase",
        "Learning rate",
        "Loss",
        "Validation loss",
        "Accuracy",
        "Validation accuracy",
        "Score",
    )
    rows = [
        (
            f"{e.epoch + 1}",
            name(e.phase),
            f"{e.learning_rate:.3g}",
            f"{e.loss:.4g}",
            f"{e.val_loss:.4g}",
            percent(e.accuracy),
            percent(e.val_accuracy),
            percent(e.score),
        )
        for e in (run.epochs[i] for i in kept)
    ]
    return paragraphs(("### Curves", table(header, rows, of=len(run.epochs))))


def _confusion(e: Evaluation) -> str:
    names, counts = e.labels.names, confusion.table(e)
    shown = [name(appearance(label).short) for label in names]
    if len(names) <= MAX_ACROSS:
        rows = [(shown[i], *(f"{n:,}" for n in row)) for i, row in enumerate(counts)]
        return paragraphs(("True label (row) and what it was named (column):", table(("", *shown), rows)))
    cells = sorted(np.argwhere(counts > 0).tolist(), key=lambda cell: -counts[tuple(cell)])
    rows = [(shown[true], shown[named], f"{counts[true, named]:,}") for true, named in cells[:MAX_TABLE]]
    return table(("True label", "Named as", "Faces"), rows, of=len(cells))


def _bins(e: Evaluation) -> str:
    rows = [
        (
            f"{b.low:.1%} to {b.high:.1%}",
            f"{b.accuracy.n:,}",
            percent(b.confidence),
            percent(b.accuracy.value),
            format_interval(b.accuracy.interval),
        )
        for b in filled(e.calibration)
    ]
    return table(("Confidence", "Faces", "Mean confidence", "Right", "95 % interval"), rows)
