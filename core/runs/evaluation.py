"""What a model says of pictures that it was not trained on: counts first, from which any rate follows.

runs/<id>/evaluation.json          the counts and what was made of them
runs/<id>/evaluation-<name>.json   those of a further data set

The faces one by one are of `core.runs.predictions`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.models.card import Count, LabelScore, PlainName
from core.records.checks import check, part
from core.records.fields import (
    MAX_LINES,
    MAX_POINTS,
    MAX_ROWS,
    MAX_SOURCES,
    STOP_EARLY,
    Finite,
    Interval,
    KnownShare,
    LabelNames,
    LongText,
    Positive,
    Share,
    Text,
)
from core.records.store import Record, read_record, write_json
from core.runs.training import Calibration, Leakage

EVALUATION_FILE = "evaluation.json"


class CalibrationBin(Record):
    low: KnownShare
    high: KnownShare
    n: Count
    confidence: Share
    accuracy: Share

    @model_validator(mode="after")
    def _consistent(self) -> CalibrationBin:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Slice(Record):
    """Faces with low <= quantity < high, all sources together: right answers of n."""

    low: float
    high: float
    n: Count
    hits: Count

    @model_validator(mode="after")
    def _consistent(self) -> Slice:
        if not self.low <= self.high:  # NaN is not
            raise ValueError("low is above high, or one of them is no number")
        part("hits", self.hits, self.n)
        return self


class Averages(Record):
    """Means over the labels that have examples: "macro" counts each label alike, "weighted" by its faces."""

    precision: Share
    recall: Share
    f1: Share


class LabelReport(Record):
    """One label: `n` faces are of it, `predicted` are named so, `hits` are both."""

    label: Text
    n: Count
    predicted: Count
    hits: Count
    precision: Share
    recall: Share
    f1: Share

    @model_validator(mode="after")
    def _consistent(self) -> LabelReport:
        part("hits", self.hits, min(self.n, self.predicted))
        return self


class Report(Record):
    labels: tuple[LabelReport, ...]
    macro: Averages
    weighted: Averages


class AtThreshold(Record):
    """Who is named when a probability of at least `threshold` is enough: of the label, and of the others."""

    threshold: Finite
    true_positives: Count
    false_positives: Count


Points = Annotated[tuple[AtThreshold, ...], Field(max_length=MAX_POINTS), STOP_EARLY]


class OneVsRest(Record):
    """A label against all others, by the probability it is given.

    Each point is one of both curves. ROC: (false_positives / others, true_positives / n). PR: recall is
    true_positives / n, precision true_positives / all positives. Some 100 points are kept; `auc` and
    `average_precision` are of all. NaN without faces of the label, or without others.
    """

    label: Text
    n: Count
    others: Count
    auc: Share
    average_precision: Share
    curve: Points
    thresholds: Points

    @model_validator(mode="after")
    def _consistent(self) -> OneVsRest:
        points = (*self.curve, *self.thresholds)
        part("true_positives", max((point.true_positives for point in points), default=0), self.n)
        part("false_positives", max((point.false_positives for point in points), default=0), self.others)
        return self


class AtMargin(Record):
    """Faces whose best label leads by at least `margin`: `answered`, of which `hits` are right."""

    margin: KnownShare
    answered: Count
    hits: Count

    @model_validator(mode="after")
    def _consistent(self) -> AtMargin:
        part("hits", self.hits, self.answered)
        return self


class Gated(Record):
    """Faces of at least `face_px`, `hits` of them right; the quality gate lets `answered` pass."""

    face_px: Count
    n: Count
    hits: Count
    answered: Count
    answered_hits: Count

    @model_validator(mode="after")
    def _consistent(self) -> Gated:
        part("answered", self.answered, self.n)
        part("answered_hits", self.answered_hits, min(self.answered, self.hits))
        return self


class Bootstrap(Record):
    """95 % percentile intervals from `resamples` draws of whole groups, so twins do not make them narrow.

    NaN where fewer than two groups have examples.
    """

    resamples: Count
    seed: int
    groups: Count
    accuracy: Interval
    macro_recall: Interval
    recall: dict[Text, Interval]


class Baseline(Record):
    """What always answering the commonest label of these faces gets right."""

    label: Text
    hits: Count
    accuracy: Share


Row = Annotated[tuple[Count, ...], Field(max_length=64), STOP_EARLY]
Table = Annotated[tuple[Row, ...], Field(max_length=64), STOP_EARLY]
Slices = Annotated[tuple[Slice, ...], Field(max_length=MAX_ROWS), STOP_EARLY]


class Evaluation(Record):
    """What a model says of the test pictures: counts first, from which any rate follows.

    `labels` are those it is scored by; where the model tells more apart, `mapped_from` names its own set.
    `tested_sha256` is of the rows that were to be tested, whatever else the data holds for training.
    `left_out` counts test rows, by label, that cannot be scored. `kinds` holds (hits, n) by "source",
    "gender" and "drawn" and then by value. `temperature` is the model's, fitted on validation data only;
    `recorded_at` are the times at which a test was read for this record.

    Counts are consistent in a record that was read; rates are shares, but nobody counted them again.
    """

    schema_version: Literal[1] = Field(1, alias="schema")
    model: PlainName
    weights_sha256: Text
    manifest_sha256: Text
    labels: LabelNames
    n: Count
    unreadable: Annotated[tuple[LongText, ...], Field(max_length=MAX_LINES), STOP_EARLY]
    confusion: Annotated[dict[Text, Table], Field(max_length=MAX_SOURCES)]
    scores: Annotated[tuple[LabelScore, ...], Field(max_length=MAX_SOURCES * 64), STOP_EARLY]
    accuracy: Share
    interval: Interval
    calibration: Annotated[tuple[CalibrationBin, ...], Field(max_length=MAX_ROWS), STOP_EARLY]
    ece: Share
    face_px_slices: Slices
    # Since schema 1 began: absent from older records
    tested_sha256: Text | None = None
    mapped_from: Text | None = None
    left_out: Annotated[dict[Text, Count], Field(max_length=MAX_ROWS)] = {}
    report: Report | None = None
    majority: Baseline | None = None
    bootstrap: Bootstrap | None = None
    one_vs_rest: Annotated[tuple[OneVsRest, ...], Field(max_length=64), STOP_EARLY] = ()
    margins: Annotated[tuple[AtMargin, ...], Field(max_length=MAX_ROWS), STOP_EARLY] = ()
    gated: Annotated[tuple[Gated, ...], Field(max_length=MAX_ROWS), STOP_EARLY] = ()
    sharpness_slices: Slices = ()
    brightness_slices: Slices = ()
    kinds: Annotated[
        dict[Text, Annotated[dict[Text, tuple[Count, Count]], Field(max_length=MAX_SOURCES)]],
        Field(max_length=20),
    ] = {}
    temperature: Positive | None = None
    calibration_fit: Calibration | None = None
    leakage: Leakage | None = None
    recorded_at: Annotated[tuple[Text, ...], Field(max_length=MAX_ROWS), STOP_EARLY] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Evaluation:
        check(self)
        return self


def file_name(file: str, name: str) -> str:
    """The file of a further evaluation of the same model: evaluation.json -> evaluation-<name>.json."""
    stem, _, ending = file.partition(".")
    return f"{stem}-{name}.{ending}" if name else file


def read_evaluation(folder: Path, name: str = "") -> Evaluation:
    return read_record(folder / file_name(EVALUATION_FILE, name), Evaluation)


def write_evaluation(folder: Path, evaluation: Evaluation, name: str = "") -> None:
    write_json(folder / file_name(EVALUATION_FILE, name), evaluation)
