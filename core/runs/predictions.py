"""What a model said of each test face: runs/<id>/predictions.csv, one row a face, no pixels."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.decision import OperatingPoint, decide
from core.errors import RecordError
from core.records import MAX_TEXT, Record, read_text, write_text
from core.runs.evaluation import file_name

PREDICTIONS_FILE = "predictions.csv"
MAX_PREDICTIONS = 200_000  # lines
_BEFORE, _AFTER = ["source", "id", "label"], ["face_px", "sharpness", "brightness"]
_ROUNDING = 0.01  # how far probabilities of four digits may be from 1 in sum, with all labels there may be


class FacePrediction(Record):
    """One row of predictions.csv; `id` is a number, never a path. The rest: `core.classification.quality`."""

    source: str
    id: str
    label: str
    probabilities: tuple[float, ...]
    face_px: float
    sharpness: float
    brightness: float


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """The rows as arrays over N faces.

    `true` is (N,) indices into `labels`, `probabilities` (N, C), calibrated and rounded to four digits.
    `two_steps`, as their evaluation has it, says how the answers were decided.
    `source` and `id` are (N,) texts, `face_px`, `sharpness` and `brightness` (N,) floats, NaN when not known.
    """

    labels: tuple[str, ...]
    source: np.ndarray
    id: np.ndarray
    true: np.ndarray
    probabilities: np.ndarray
    face_px: np.ndarray
    sharpness: np.ndarray
    brightness: np.ndarray
    two_steps: bool = False

    def __len__(self) -> int:
        return len(self.true)

    @property
    def predicted(self) -> np.ndarray:
        """(N,) index of the label named."""
        if self.two_steps:
            return decide(self.probabilities, self.labels, OperatingPoint()).class_index
        return np.asarray(self.probabilities.argmax(axis=1))

    @property
    def confidence(self) -> np.ndarray:
        """(N,) probability of the label named."""
        return np.asarray(np.take_along_axis(self.probabilities, self.predicted[:, None], axis=1)[:, 0])

    @property
    def correct(self) -> np.ndarray:
        """(N,) bool."""
        return np.asarray(self.predicted == self.true)


def write_predictions(
    folder: Path, labels: Sequence[str], rows: Iterable[FacePrediction], name: str = ""
) -> None:
    """`name` is that of a further evaluation, as in `core.runs.evaluation`."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*_BEFORE, *labels, *_AFTER])
    for row in rows:
        probabilities = [f"{p:.4f}" for p in row.probabilities]
        writer.writerow(
            [
                row.source,
                row.id,
                row.label,
                *probabilities,
                f"{row.face_px:.0f}",
                f"{row.sharpness:.3f}",
                f"{row.brightness:.0f}",
            ]
        )
    write_text(folder / file_name(PREDICTIONS_FILE, name), buffer.getvalue())


def read_predictions(
    folder: Path, labels: Sequence[str], name: str = "", *, two_steps: bool = False
) -> Predictions:
    """The rows of an evaluation by `labels`. Raises `RecordError` that names the file and what is wrong."""
    path = folder / file_name(PREDICTIONS_FILE, name)
    try:
        text = read_text(path)
        if text.count("\n") > MAX_PREDICTIONS:
            raise ValueError(f"it has more than {MAX_PREDICTIONS:,} lines")
        header, *rows = csv.reader(io.StringIO(text))
        if header != [*_BEFORE, *labels, *_AFTER]:
            raise ValueError(f"its columns are not source, id, label, {', '.join(labels)} and {_AFTER}")
        if not rows:
            raise ValueError("it has no rows")
        if ragged := next((i for i, row in enumerate(rows, 2) if len(row) != len(header)), None):
            raise ValueError(f"line {ragged} has not {len(header)} values")
        class_index = {label: i for i, label in enumerate(labels)}
        if unknown := next((i for i, row in enumerate(rows, 2) if row[2] not in class_index), None):
            raise ValueError(f"line {unknown} has a label that the evaluation does not name")
        # An array of texts gives each the room of the longest
        if wordy := next((i for i, row in enumerate(rows, 2) if max(map(len, row)) > MAX_TEXT), None):
            raise ValueError(f"line {wordy} has a text of more than {MAX_TEXT} characters")
        numbers = np.array([row[3:] for row in rows], float)
    except (ValueError, csv.Error) as problem:
        raise RecordError(f"{path}: {problem}. Evaluate again: python -m training.evaluate.") from None
    probabilities = numbers[:, : len(labels)]
    if (
        not ((probabilities >= 0) & (probabilities <= 1)).all()
        or (abs(probabilities.sum(axis=1) - 1) > _ROUNDING).any()
    ):
        raise RecordError(
            f"{path}: holds probabilities that are not between 0 and 1 or do not add up to 1. "
            "Evaluate again: python -m training.evaluate."
        )
    face_px, sharpness, brightness = numbers[:, len(labels) :].T
    return Predictions(
        labels=tuple(labels),
        source=np.array([row[0] for row in rows]),
        id=np.array([row[1] for row in rows]),
        true=np.array([class_index[row[2]] for row in rows]),
        probabilities=probabilities,
        face_px=face_px,
        sharpness=sharpness,
        brightness=brightness,
        two_steps=two_steps,
    )
