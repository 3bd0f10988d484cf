"""Which labels of the faces that a run learned from look wrong, and what more faces would bring.

runs/<id>/label_check.json, written by `python -m training.label_check`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.records import (
    STOP_EARLY,
    Finite,
    NonNegativeInt,
    PlainName,
    Proportion,
    Record,
    Text,
    read_record,
    require_at_most,
    require_known,
    write_json,
)
from core.runs.label_fixes import BoxKey, place

LABEL_CHECK_FILE = "label_check.json"
MAX_SUSPECTS = 5_000  # of the least likely labels: more than anybody looks through
MAX_SIZES = 50

Name = Annotated[str, Field(max_length=4096)]
Label = Annotated[str, Field(max_length=100)]
Corner = Annotated[float, Field(ge=-1e6, le=1e6)]


class SizeRecall(Record):
    """What is reached by learning from so many faces: mean recall of the labels over held-out groups, and the
    lowest and highest of the folds.
    """

    faces: NonNegativeInt
    recall: Proportion
    low: Proportion
    high: Proportion


class Gain(Record):
    """By how much `faces` more raise the mean recall, with the interval of 95% of the fits."""

    faces: NonNegativeInt
    recall: Finite
    low: Finite
    high: Finite


class Suspect(Record):
    """A face whose `label` has the `probability` by a network that did not learn from its group; `suggested`
    has the most. `path`, `row` and `box` are as in the data.
    """

    id: Annotated[str, Field(pattern="^[0-9]{1,9}$")]
    path: Name
    row: NonNegativeInt | None = None
    box: tuple[Corner, Corner, Corner, Corner] | None = None
    source: Name
    label: Label
    suggested: Label
    probability: Proportion
    suggested_probability: Proportion

    @property
    def place(self) -> BoxKey:
        return place(self.path, self.row, self.box)


class LabelCheck(Record):
    """`suspects` come the least likely label first; `disagree` counts all faces that are named otherwise."""

    schema_version: Literal[1] = Field(1, alias="schema")
    run: PlainName
    manifest_sha256: Text
    checked: Text
    labels: Annotated[tuple[Label, ...], Field(min_length=2, max_length=64)]
    n: NonNegativeInt
    folds: NonNegativeInt
    disagree: NonNegativeInt
    curve: Annotated[tuple[SizeRecall, ...], Field(max_length=MAX_SIZES), STOP_EARLY]
    gain: Gain | None
    suspects: Annotated[tuple[Suspect, ...], Field(max_length=MAX_SUSPECTS), STOP_EARLY]

    @model_validator(mode="after")
    def _consistent(self) -> LabelCheck:
        require_at_most("disagree", self.disagree, self.n)
        require_at_most("suspects", len(self.suspects), self.n)
        named = [label for one in self.suspects for label in (one.label, one.suggested)]
        require_known("suspects", dict.fromkeys(named), self.labels)
        if len({one.id for one in self.suspects}) < len(self.suspects):
            raise ValueError("suspects name an id twice")
        return self


def read_label_check(folder: Path) -> LabelCheck:
    """Raises `RecordError`."""
    return read_record(folder / LABEL_CHECK_FILE, LabelCheck)


def write_label_check(folder: Path, found: LabelCheck) -> None:
    write_json(folder / LABEL_CHECK_FILE, found)
