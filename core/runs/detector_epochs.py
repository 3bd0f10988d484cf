"""The record of a detector's training and of what it finds on pictures that training never saw.

runs/<id>/config.json          as of any run
runs/<id>/metrics.jsonl        one line an epoch, of `DetectionEpoch`
runs/<id>/detection.json       how it was measured, with counts
runs/<id>/detections.csv       one row a labelled face or false detection, no pixels

The last two are of `core.review.detection`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from core.records import MAX_SOURCES, NonNegativeInt, Proportion, Record, Text, require_at_most
from core.runs.training import Seconds, read_lines


class SourceFound(Record):
    """Of one source's validation pictures: labelled faces, those found at the operating point, AP50."""

    n: NonNegativeInt
    found: NonNegativeInt
    false: NonNegativeInt
    ap50: Proportion


class DetectionEpoch(Record):
    """One line of metrics.jsonl. `score` is the mean AP50 of the sources: the epoch with the best is kept."""

    epoch: NonNegativeInt
    phase: Text
    learning_rate: float
    loss: float
    score: Proportion
    validation: Annotated[dict[Text, SourceFound], Field(max_length=MAX_SOURCES)]
    seconds: Seconds

    @model_validator(mode="after")
    def _consistent(self) -> DetectionEpoch:
        for source, counted in self.validation.items():
            require_at_most(f"validation.{source}", counted.found, counted.n)
        return self


def read_detection_epochs(folder: Path) -> tuple[DetectionEpoch, ...]:
    """The epochs so far; see `core.runs.training.read_lines`."""
    return read_lines(folder, DetectionEpoch)
