"""What a model says of pictures that it was not trained on: counts first, from which any rate follows.

runs/<id>/evaluation.json          the counts and what was made of them
runs/<id>/evaluation-<name>.json   those of a further data set

The faces one by one are of `core.runs.predictions`.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from core import notebook
from core.metrics import format_interval, percent
from core.models import LabelScore
from core.records import (
    MAX_LINES,
    MAX_ROWS,
    MAX_SOURCES,
    STOP_EARLY,
    Interval,
    LabelNames,
    LongText,
    NonNegativeInt,
    PlainName,
    Positive,
    Proportion,
    Record,
    Text,
    read_record,
    require_at_most,
    require_known,
    write_json,
)
from core.runs.evaluation_parts import (
    AtMargin,
    Baseline,
    Bootstrap,
    CalibrationBin,
    ClassificationReport,
    Gated,
    LabelSlice,
    OneVsRest,
    Refusals,
    Slices,
    Table,
)
from core.runs.training import Calibration, Leakage

EVALUATION_FILE = "evaluation.json"


class Evaluation(Record):
    """What a model says of the test pictures: counts first, from which any rate follows.

    `labels` are those it is scored by; where the model tells more apart, `mapped_from` names its own set.
    `tested_sha256` is of the rows that were to be tested, whatever else the data holds for training.
    `left_out` counts test rows, by label, that cannot be scored. `subgroups`, "kinds" in the file, holds
    (hits, n) by "source", "gender" and "drawn" and then by value; `label_slices` counts each true label
    apart, and `points_from` is the detector by whose points skin tone, view and roll were told. `classes` are
    the network's, where these are finer than labels; `refusals` is what it refused of faces that have a label
    and of what is none. `temperature` is the model's, fitted on validation data only; `recorded_at` are the
    times at which a test was read for this record. `two_steps`: the answers counted are those of
    `core.decision.decide`, without a least margin; in older records they are the most probable label, and
    `margins` and `gated` have its lead over the next.

    Counts are consistent in a record that was read; rates are proportions, but nobody counted them again.
    """

    schema_version: Literal[1] = Field(1, alias="schema")
    model: PlainName
    weights_sha256: Text
    manifest_sha256: Text
    labels: LabelNames
    n: NonNegativeInt
    unreadable: Annotated[tuple[LongText, ...], Field(max_length=MAX_LINES), STOP_EARLY]
    confusion: Annotated[dict[Text, Table], Field(max_length=MAX_SOURCES)]
    scores: Annotated[tuple[LabelScore, ...], Field(max_length=MAX_SOURCES * 64), STOP_EARLY]
    accuracy: Proportion
    interval: Interval
    calibration: Annotated[tuple[CalibrationBin, ...], Field(max_length=MAX_ROWS), STOP_EARLY]
    ece: Proportion
    face_px_slices: Slices
    # Since schema 1 began: absent from older records
    two_steps: bool = False
    tested_sha256: Text | None = None
    mapped_from: Text | None = None
    left_out: Annotated[dict[Text, NonNegativeInt], Field(max_length=MAX_ROWS)] = Field(default_factory=dict)
    report: ClassificationReport | None = None
    majority: Baseline | None = None
    bootstrap: Bootstrap | None = None
    one_vs_rest: Annotated[tuple[OneVsRest, ...], Field(max_length=64), STOP_EARLY] = ()
    margins: Annotated[tuple[AtMargin, ...], Field(max_length=MAX_ROWS), STOP_EARLY] = ()
    classes: Annotated[tuple[Text, ...], Field(max_length=64)] | None = None
    refusals: Annotated[tuple[Refusals, ...], Field(max_length=MAX_ROWS), STOP_EARLY] = ()
    gated: Annotated[tuple[Gated, ...], Field(max_length=MAX_ROWS), STOP_EARLY] = ()
    sharpness_slices: Slices = ()
    brightness_slices: Slices = ()
    subgroups: Annotated[
        dict[
            Text, Annotated[dict[Text, tuple[NonNegativeInt, NonNegativeInt]], Field(max_length=MAX_SOURCES)]
        ],
        Field(max_length=20),
    ] = Field(default_factory=dict, alias="kinds")
    label_slices: Annotated[tuple[LabelSlice, ...], Field(max_length=MAX_ROWS), STOP_EARLY] = ()
    points_from: Text | None = None
    temperature: Positive | None = None
    calibration_fit: Calibration | None = None
    leakage: Leakage | None = None
    recorded_at: Annotated[tuple[Text, ...], Field(max_length=MAX_ROWS), STOP_EARLY] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Evaluation:
        check(self)
        return self

    def _repr_html_(self) -> str:
        """The confusion matrix and what is right of each label, where a notebook shows it."""
        labels = self.labels.names
        counts = np.sum([np.array(table, np.int64) for table in self.confusion.values()], axis=0)
        matrix = [
            (true, *row) for true, row in zip(labels, np.reshape(counts, (-1, len(labels))), strict=False)
        ]
        scores = [
            (score.source, score.label, score.n, percent(score.recall), format_interval(score.interval))
            for score in self.scores
        ]
        interval = format_interval(self.interval)
        right = f"{percent(self.accuracy)} of {self.n} faces are right (95% interval {interval})."
        return notebook.section(
            f"Evaluation of {self.model}",
            notebook.sentence(right),
            notebook.table(("true label \\ named", *labels), matrix),
            notebook.sentence("Rows are true labels, columns what the model named; counts of faces."),
            notebook.table(("source", "label", "faces", "right", "95% interval"), scores),
        )


def file_name(file: str, name: str) -> str:
    """The file of a further evaluation of the same model: evaluation.json -> evaluation-<name>.json."""
    stem, _, ending = file.partition(".")
    return f"{stem}-{name}.{ending}" if name else file


def read_evaluation(folder: Path, name: str = "") -> Evaluation:
    return read_record(folder / file_name(EVALUATION_FILE, name), Evaluation)


def write_evaluation(folder: Path, evaluation: Evaluation, name: str = "") -> None:
    write_json(folder / file_name(EVALUATION_FILE, name), evaluation)


def check(e: Evaluation) -> None:
    """Raises `ValueError` that names the field of which the counts do not fit the others'."""
    labels, size = e.labels.names, len(e.labels.names)
    if any(len(table) != size or any(len(row) != size for row in table) for table in e.confusion.values()):
        raise ValueError(f"confusion holds a table that is not {size} x {size}, one row and column a label")
    if sum(sum(row) for table in e.confusion.values() for row in table) != e.n:
        raise ValueError(f"confusion does not add up to n={e.n}")
    require_known("scores", [(score.source, score.label) for score in e.scores], product(e.confusion, labels))
    for score in e.scores:
        if not all(
            0 <= proportion <= 1 or math.isnan(proportion) for proportion in (score.recall, *score.interval)
        ):
            raise ValueError(f"scores: {score.source}/{score.label} has a rate that is no share")
        require_known("scores.predicted", score.predicted, labels)
        if sum(score.predicted.values()) != score.n:
            raise ValueError(f"scores: {score.source}/{score.label} does not add up to n={score.n}")
    require_at_most("scores", sum(score.n for score in e.scores), e.n)
    require_at_most("calibration", sum(bin.n for bin in e.calibration), e.n)
    for field in ("face_px_slices", "sharpness_slices", "brightness_slices"):
        require_at_most(field, sum(found.n for found in getattr(e, field)), e.n)
    for subgroup, values in e.subgroups.items():
        require_at_most(f"kinds.{subgroup}", sum(n for _, n in values.values()), e.n)
        for hits, n in values.values():
            require_at_most(f"kinds.{subgroup}", hits, n)
    _check_label_slices(e)
    for point in e.margins:
        require_at_most("margins", point.answered, e.n)
    for gate in e.gated:
        require_at_most("gated", gate.n, e.n)
    if e.report:
        require_known("report.labels", (row.label for row in e.report.labels), labels)
        require_at_most("report.labels", sum(row.n for row in e.report.labels), e.n)
        require_at_most("report.labels", sum(row.predicted for row in e.report.labels), e.n)
    if e.majority:
        require_known("majority.label", [e.majority.label], labels)
        require_at_most("majority.hits", e.majority.hits, e.n)
    if e.bootstrap:
        require_known("bootstrap.recall", e.bootstrap.recall, labels)
        require_at_most("bootstrap.groups", e.bootstrap.groups, e.n)
    require_known("one_vs_rest", (curve.label for curve in e.one_vs_rest), labels)
    for curve in e.one_vs_rest:
        if curve.n + curve.others != e.n:
            raise ValueError(f"one_vs_rest.{curve.label} does not add up to n={e.n}")
    if e.leakage and e.leakage.n != e.n:
        raise ValueError(f"leakage.n is not n={e.n}")


def _check_label_slices(e: Evaluation) -> None:
    """A face has one value of a dimension at most."""
    known = {(s.dimension, s.value, s.label) for s in e.label_slices if s.label in e.labels.names}
    require_known("label_slices", [(s.dimension, s.value, s.label) for s in e.label_slices], known)
    counted: Counter[str] = Counter()
    for found in e.label_slices:
        counted[found.dimension] += found.n
    for dimension, n in counted.items():
        require_at_most(f"label_slices.{dimension}", n, e.n)
