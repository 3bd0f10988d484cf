"""What was measured of a detector: detection.json."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.models import WAYS, DetectionScore, Way
from core.records import (
    MAX_LINES,
    MAX_ROWS,
    MAX_SOURCES,
    STOP_EARLY,
    LongText,
    NonNegativeInt,
    PlainName,
    Record,
    Text,
    read_record,
    require_at_most,
    require_known,
    write_json,
)
from core.runs.training import Leakage

DETECTION_FILE = "detection.json"
Milliseconds = Annotated[float, Field(ge=0, le=10**9)]


class DetectionEvaluation(Record):
    """How a detector was measured, once each way. `pictures` are counted by source; `ms` are medians.

    Not all faces of the sources in `incomplete` are labelled: some of the false detections there are faces,
    so precision and average precision are lower bounds.
    """

    schema_version: Literal[1] = Field(1, alias="schema")
    model: PlainName
    weights_sha256: Text = ""
    manifest_sha256: Text
    evaluated: Text
    device: LongText
    pictures: Annotated[dict[Text, NonNegativeInt], Field(max_length=MAX_SOURCES)]
    min_score: dict[Way, Annotated[float, Field(gt=0, lt=1)]]
    ms: dict[Way, Milliseconds]
    scores: Annotated[tuple[DetectionScore, ...], Field(max_length=MAX_ROWS), STOP_EARLY]
    incomplete: Annotated[tuple[Text, ...], Field(max_length=MAX_SOURCES)] = ()
    unreadable: Annotated[tuple[LongText, ...], Field(max_length=MAX_LINES), STOP_EARLY] = ()
    leakage: Leakage | None = None

    @model_validator(mode="after")
    def _consistent(self) -> DetectionEvaluation:
        require_known(
            "scores", [(score.way, score.source) for score in self.scores], product(WAYS, self.pictures)
        )
        require_known("incomplete", self.incomplete, self.pictures)
        for score in self.scores:
            if score.way not in self.min_score or score.way not in self.ms:
                raise ValueError(f"min_score or ms does not know the way {score.way!r} of a score")
            require_at_most(
                f"scores: pictures of {score.source}", score.pictures, self.pictures[score.source]
            )
        return self


def read_detection_evaluation(folder: Path) -> DetectionEvaluation:
    return read_record(folder / DETECTION_FILE, DetectionEvaluation)


def write_detection_evaluation(folder: Path, evaluation: DetectionEvaluation) -> None:
    write_json(folder / DETECTION_FILE, evaluation)
