"""What an evaluation is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from core.records import (
    MAX_POINTS,
    MAX_ROWS,
    STOP_EARLY,
    Finite,
    Interval,
    KnownProportion,
    NonNegativeInt,
    Proportion,
    Record,
    Text,
    require_at_most,
)


class CalibrationBin(Record):
    low: KnownProportion
    high: KnownProportion
    n: NonNegativeInt
    confidence: Proportion
    accuracy: Proportion

    @model_validator(mode="after")
    def _consistent(self) -> CalibrationBin:
        if self.low > self.high:
            raise ValueError("low is above high")
        return self


class Slice(Record):
    """Faces with low <= quantity < high, all sources together: right answers of n."""

    low: float
    high: float
    n: NonNegativeInt
    hits: NonNegativeInt

    @model_validator(mode="after")
    def _consistent(self) -> Slice:
        if not self.low <= self.high:  # NaN is not
            raise ValueError("low is above high, or one of them is no number")
        require_at_most("hits", self.hits, self.n)
        return self


class LabelSlice(Record):
    """Test faces of one true label that share a `value` of a `dimension`, such as "three-quarter" of "view".

    `hits` of `n` are named rightly; `cannot_tell` get no answer, for their quality or a small lead.
    """

    dimension: Text
    value: Text
    label: Text
    n: NonNegativeInt
    hits: NonNegativeInt
    cannot_tell: NonNegativeInt

    @model_validator(mode="after")
    def _consistent(self) -> LabelSlice:
        require_at_most("hits", self.hits, self.n)
        require_at_most("cannot_tell", self.cannot_tell, self.n)
        return self


class Averages(Record):
    """Means over the labels that have examples: "macro" counts each label alike, "weighted" by its faces."""

    precision: Proportion
    recall: Proportion
    f1: Proportion


class LabelReport(Record):
    """One label: `n` faces are of it, `predicted` are named so, `hits` are both."""

    label: Text
    n: NonNegativeInt
    predicted: NonNegativeInt
    hits: NonNegativeInt
    precision: Proportion
    recall: Proportion
    f1: Proportion

    @model_validator(mode="after")
    def _consistent(self) -> LabelReport:
        require_at_most("hits", self.hits, min(self.n, self.predicted))
        return self


class ClassificationReport(Record):
    labels: tuple[LabelReport, ...]
    macro: Averages
    weighted: Averages


class AtThreshold(Record):
    """Who is named when a probability of at least `threshold` is enough: of the label, and of the others."""

    threshold: Finite
    true_positives: NonNegativeInt
    false_positives: NonNegativeInt


Points = Annotated[tuple[AtThreshold, ...], Field(max_length=MAX_POINTS), STOP_EARLY]


class OneVsRest(Record):
    """A label against all others, by the probability it is given.

    Each point is one of both curves. ROC: (false_positives / others, true_positives / n). PR: recall is
    true_positives / n, precision true_positives / all positives. Some 100 points are kept; `auc` and
    `average_precision` are of all. NaN without faces of the label, or without others.
    """

    label: Text
    n: NonNegativeInt
    others: NonNegativeInt
    auc: Proportion
    average_precision: Proportion
    curve: Points
    thresholds: Points

    @model_validator(mode="after")
    def _consistent(self) -> OneVsRest:
        points = (*self.curve, *self.thresholds)
        require_at_most("true_positives", max((point.true_positives for point in points), default=0), self.n)
        require_at_most(
            "false_positives", max((point.false_positives for point in points), default=0), self.others
        )
        return self


class AtMargin(Record):
    """Faces whose answer leads by at least `margin`: `answered`, of which `hits` are right."""

    margin: KnownProportion
    answered: NonNegativeInt
    hits: NonNegativeInt

    @model_validator(mode="after")
    def _consistent(self) -> AtMargin:
        require_at_most("hits", self.hits, self.answered)
        return self


class Gated(Record):
    """Faces of at least `face_px`, `hits` of them right; the quality gate lets `answered` pass."""

    face_px: NonNegativeInt
    n: NonNegativeInt
    hits: NonNegativeInt
    answered: NonNegativeInt
    answered_hits: NonNegativeInt

    @model_validator(mode="after")
    def _consistent(self) -> Gated:
        require_at_most("answered", self.answered, self.n)
        require_at_most("answered_hits", self.answered_hits, min(self.answered, self.hits))
        return self


class Refusals(Record):
    """Of `n` faces, or of what a class that is no label stands for: how many the model refuses.

    `dropped` as no face, `depictions` as a picture, drawing or doll. `rate` is of both, with its interval.
    """

    kind: Text
    n: NonNegativeInt
    dropped: NonNegativeInt
    depictions: NonNegativeInt
    rate: Proportion
    interval: Interval

    @model_validator(mode="after")
    def _consistent(self) -> Refusals:
        require_at_most("dropped and depictions", self.dropped + self.depictions, self.n)
        return self


class Bootstrap(Record):
    """95% percentile intervals from `resamples` draws of whole groups, so twins do not make them narrow.

    NaN where fewer than two groups have examples.
    """

    resamples: NonNegativeInt
    seed: int
    groups: NonNegativeInt
    accuracy: Interval
    macro_recall: Interval
    recall: dict[Text, Interval]


class Baseline(Record):
    """What always answering the commonest label of these faces gets right."""

    label: Text
    hits: NonNegativeInt
    accuracy: Proportion


Row = Annotated[tuple[NonNegativeInt, ...], Field(max_length=64), STOP_EARLY]
Table = Annotated[tuple[Row, ...], Field(max_length=64), STOP_EARLY]
Slices = Annotated[tuple[Slice, ...], Field(max_length=MAX_ROWS), STOP_EARLY]
