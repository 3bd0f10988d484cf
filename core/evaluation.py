"""What a model says of pictures that it was not trained on: counts first, from which any rate follows.

runs/<id>/evaluation.json          the counts and what was made of them
runs/<id>/evaluation-<name>.json   those of a further data set

The faces one by one are of `core.predictions`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Literal

from pydantic import Field

from core.cards import Count, Labels, LabelScore, PlainName
from core.records import Record, read_record, write_json
from core.runs import Calibration, Leakage

CROSS_SOURCE_FILE = "cross_source.json"
EVALUATION_FILE = "evaluation.json"


class CalibrationBin(Record):
    low: float
    high: float
    n: Count
    confidence: float
    accuracy: float


class Slice(Record):
    """Faces with low <= quantity < high, all sources together: right answers of n."""

    low: float
    high: float
    n: Count
    hits: Count


class Averages(Record):
    """Means over the labels that have examples: "macro" counts each label alike, "weighted" by its faces."""

    precision: float
    recall: float
    f1: float


class LabelReport(Record):
    """One label: `n` faces are of it, `predicted` are named so, `hits` are both."""

    label: str
    n: Count
    predicted: Count
    hits: Count
    precision: float
    recall: float
    f1: float


class Report(Record):
    labels: tuple[LabelReport, ...]
    macro: Averages
    weighted: Averages


class AtThreshold(Record):
    """Who is named when a probability of at least `threshold` is enough: of the label, and of the others."""

    threshold: float
    true_positives: Count
    false_positives: Count


class OneVsRest(Record):
    """A label against all others, by the probability it is given.

    Each point is one of both curves. ROC: (false_positives / others, true_positives / n). PR: recall is
    true_positives / n, precision true_positives / all positives. Some 100 points are kept; `auc` and
    `average_precision` are of all. NaN without faces of the label, or without others.
    """

    label: str
    n: Count
    others: Count
    auc: float
    average_precision: float
    curve: tuple[AtThreshold, ...]
    thresholds: tuple[AtThreshold, ...]


class AtMargin(Record):
    """Faces whose best label leads by at least `margin`: `answered`, of which `hits` are right."""

    margin: float
    answered: Count
    hits: Count


class Bootstrap(Record):
    """95 % percentile intervals from `resamples` draws of whole groups, so twins do not make them narrow.

    NaN where fewer than two groups have examples.
    """

    resamples: Count
    seed: int
    groups: Count
    accuracy: tuple[float, float]
    macro_recall: tuple[float, float]
    recall: dict[str, tuple[float, float]]


class Baseline(Record):
    """What always answering the commonest label of these faces gets right."""

    label: str
    hits: Count
    accuracy: float


class Evaluation(Record):
    """What a model says of the test pictures: counts first, from which any rate follows.

    `labels` are those it is scored by; where the model tells more apart, `mapped_from` names its own set.
    `left_out` counts test rows, by label, that cannot be scored. `kinds` holds (hits, n) by "source",
    "gender" and "drawn" and then by value. `temperature` is the model's, fitted on validation data only;
    `recorded_at` are the times at which a test was read for this record.
    """

    schema_version: Literal[1] = Field(1, alias="schema")
    model: PlainName
    weights_sha256: str
    manifest_sha256: str
    labels: Labels
    n: Count
    unreadable: tuple[str, ...]
    confusion: dict[str, tuple[tuple[Count, ...], ...]]
    scores: tuple[LabelScore, ...]
    accuracy: float
    interval: tuple[float, float]
    calibration: tuple[CalibrationBin, ...]
    ece: float
    face_px_slices: tuple[Slice, ...]
    # Since schema 1 began: absent from older records
    mapped_from: str | None = None
    left_out: dict[str, Count] = {}
    report: Report | None = None
    majority: Baseline | None = None
    bootstrap: Bootstrap | None = None
    one_vs_rest: tuple[OneVsRest, ...] = ()
    margins: tuple[AtMargin, ...] = ()
    sharpness_slices: tuple[Slice, ...] = ()
    brightness_slices: tuple[Slice, ...] = ()
    kinds: dict[str, dict[str, tuple[Count, Count]]] = {}
    temperature: float | None = None
    calibration_fit: Calibration | None = None
    leakage: Leakage | None = None
    recorded_at: tuple[str, ...] = ()


class CrossCell(Record):
    """How faces of `tested_on` with one true label were named by the network trained on `trained_on`."""

    trained_on: str
    tested_on: str
    label: str
    n: Count
    hits: Count
    recall: float
    interval: tuple[float, float]


class CrossSource(Record):
    """Trained on one source, tested on another: see `training.cross_source`."""

    schema_version: Literal[1] = Field(1, alias="schema")
    id: PlainName
    recipe: str
    cells: tuple[CrossCell, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cell.trained_on for cell in self.cells))

    def mean_recall(self, trained_on: str, tested_on: str) -> tuple[float, int]:
        """Mean over the labels that have faces, NaN where none has, and the number of faces."""
        pair = (trained_on, tested_on)
        cells = [cell for cell in self.cells if (cell.trained_on, cell.tested_on) == pair and cell.n]
        n = sum(cell.n for cell in cells)
        return sum(cell.recall for cell in cells) / len(cells) if cells else math.nan, n


def file_name(file: str, name: str) -> str:
    """The file of a further evaluation of the same model: evaluation.json -> evaluation-<name>.json."""
    stem, _, ending = file.partition(".")
    return f"{stem}-{name}.{ending}" if name else file


def read_evaluation(folder: Path, name: str = "") -> Evaluation:
    return read_record(folder / file_name(EVALUATION_FILE, name), Evaluation)


def write_evaluation(folder: Path, evaluation: Evaluation, name: str = "") -> None:
    write_json(folder / file_name(EVALUATION_FILE, name), evaluation)


def read_cross_source(folder: Path) -> CrossSource:
    return read_record(folder / CROSS_SOURCE_FILE, CrossSource)


def write_cross_source(folder: Path, table: CrossSource) -> None:
    write_json(folder / CROSS_SOURCE_FILE, table)
