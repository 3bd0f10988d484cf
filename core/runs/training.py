"""The record of one training: a folder of text, enough to redo it and to draw every chart.

runs/<id>/config.json       how it was trained
runs/<id>/groups.txt        which groups it learned from or chose by, as hashes
runs/<id>/metrics.jsonl     one line an epoch
runs/<id>/calibration.json  the temperature, fitted on the validation part
runs/<id>/evaluation.json   counts on pictures that training never saw
runs/<id>/predictions.csv   one row a test face, no pixels

The last two are of `core.runs.evaluation`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from core.errors import RecordError
from core.records import (
    MAX_ROWS,
    MAX_SOURCES,
    LabelNames,
    LongText,
    NonNegativeInt,
    PlainName,
    Positive,
    Proportion,
    R,
    Record,
    Text,
    first_error,
    read_record,
    read_text,
    require_at_most,
    write_json,
    write_text,
)

CONFIG_FILE, METRICS_FILE = "config.json", "metrics.jsonl"
GROUPS_FILE, CALIBRATION_FILE = "groups.txt", "calibration.json"
MAX_EPOCHS = 10_000  # lines of metrics.jsonl
MAX_EPOCHS_PLANNED = 10**6  # a record that says more is broken
PHASE_SETTINGS = ("optimizer", "learning_rate", "schedule", "trains")
Task = Literal["classify", "detect"]
# Settings that older records call otherwise
_NAMES_NOW = {
    "averaged": "ema_span",
    "average": "ema_momentum",
    "sheet_share": "face_mosaic_share",
    "drawn_share": "synthetic_share",
}
Seconds = Annotated[float, Field(ge=0, le=10**9)]


class RunConfig(Record):
    """How a run was trained. `manifest_sha256` is of the data's manifest; `split_sizes` count pictures.

    Detectors once wrote "valid" where classifiers wrote "validation": both are read as the latter.

    `task`: whether it learned what faces wear, or where they are.
    """

    schema_version: Literal[1] = Field(1, alias="schema")
    id: PlainName
    task: Task = "classify"
    recipe: Text
    settings: Annotated[dict[Text, Any], Field(max_length=MAX_SOURCES)]
    labels: LabelNames
    seed: Annotated[int, Field(ge=-(2**63), lt=2**64)]
    git_commit: Text
    versions: Annotated[dict[Text, Text], Field(max_length=MAX_SOURCES)]
    manifest_sha256: Text
    split_sizes: Annotated[dict[Text, NonNegativeInt], Field(max_length=MAX_SOURCES)]
    device: LongText
    started: Text

    @field_validator("split_sizes")
    @classmethod
    def _validation(cls, sizes: dict[str, int]) -> dict[str, int]:
        return {"validation" if part == "valid" else part: n for part, n in sizes.items()}

    @field_validator("settings")
    @classmethod
    def _named_as_now(cls, said: dict[str, Any]) -> dict[str, Any]:
        phases = said.get("phases")
        if isinstance(phases, list):
            said = said | {"phases": [_renamed(p) if isinstance(p, dict) else p for p in phases]}
        return _renamed(said)

    @property
    def architecture(self) -> str:
        """The network's name for people; runs from before it was recorded are all of MobileNetV2.

        `settings` are whatever the recipe had, so untrusted ones may be of any kind.
        """
        name, alpha = self.settings.get("architecture"), self.settings.get("alpha")
        if isinstance(name, str) and name:
            return name[:200]
        return f"MobileNetV2, width {alpha:g}" if isinstance(alpha, (int, float)) else "not known"


def _renamed(said: dict[str, Any]) -> dict[str, Any]:
    return {_NAMES_NOW.get(name, name): value for name, value in said.items()}


def phases_of(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The phases that a run's settings name; one from before there were phases is one phase.

    An untrusted one that is no phase is one that says nothing.
    """
    named = settings.get("phases")
    if named is None:
        return [{k: settings[k] for k in ("epochs", *PHASE_SETTINGS) if k in settings}]
    return [phase if isinstance(phase, dict) else {} for phase in named] if isinstance(named, list) else []


def planned_epochs(settings: Mapping[str, Any]) -> int | None:
    """How many epochs a training may have at most: patience can end it sooner. None if not told."""
    counts = [phase.get("epochs") for phase in phases_of(settings)]
    known = [n for n in counts if isinstance(n, int) and 0 < n < MAX_EPOCHS_PLANNED]
    return sum(known) if known and len(known) == len(counts) else None


class Epoch(Record):
    """One line of metrics.jsonl.

    `validation` holds (hits, n) by "source/label"; `score` is the mean of their recalls, `val_loss` the mean
    of their cross-entropies, which the best epoch has least of. `refused` holds (refused, n) of "faces" and
    of each class that is no label, where the network has such classes.
    """

    epoch: NonNegativeInt
    phase: Text
    learning_rate: float
    loss: float
    accuracy: Proportion
    val_loss: float
    val_accuracy: Proportion
    score: Proportion
    validation: Annotated[dict[LongText, tuple[NonNegativeInt, NonNegativeInt]], Field(max_length=MAX_ROWS)]
    refused: Annotated[dict[Text, tuple[NonNegativeInt, NonNegativeInt]], Field(max_length=MAX_ROWS)] = Field(
        default_factory=dict
    )
    seconds: Seconds

    @model_validator(mode="after")
    def _consistent(self) -> Epoch:
        for cell, (hits, n) in self.validation.items():
            require_at_most(f"validation.{cell}", hits, n)
        for kind, (refused, n) in self.refused.items():
            require_at_most(f"refused.{kind}", refused, n)
        return self


class Calibration(Record):
    """Temperature scaling of the best epoch, fitted on the `n` pictures of the validation part.

    `fitted_by`: the run in whose validation part, if not in this one's: one of the same recipe that kept
    whole sources out.
    """

    schema_version: Literal[1] = Field(1, alias="schema")
    temperature: Positive
    n: NonNegativeInt
    ece_before: Proportion
    ece_after: Proportion
    fitted_by: PlainName | None = None

    @property
    def faces(self) -> str:
        """The faces that it was fitted on, in words."""
        if self.fitted_by is None:
            return f"{self.n:,} validation faces"
        return f"{self.n:,} validation faces of {self.fitted_by}, which kept whole sources out"


class Leakage(Record):
    """What of the `n` test faces training may have seen; None is not known.

    `shared_groups` counts groups, `shared_faces` the test faces in them, `twins` the test faces of which a
    near-twin was trained on. `allowed`: somebody chose to evaluate on shared groups all the same.
    """

    n: NonNegativeInt
    shared_groups: NonNegativeInt | None = None
    shared_faces: NonNegativeInt | None = None
    twins: NonNegativeInt | None = None
    hits_with_twin: NonNegativeInt | None = None
    hits_without: NonNegativeInt | None = None
    allowed: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Leakage:
        require_at_most("shared_faces", self.shared_faces or 0, self.n)
        require_at_most("shared_groups", self.shared_groups or 0, self.n)
        twins = self.twins or 0
        require_at_most("twins", twins, self.n)
        require_at_most("hits_with_twin", self.hits_with_twin or 0, twins)
        require_at_most("hits_without", self.hits_without or 0, self.n - twins)
        return self


def read_config(folder: Path) -> RunConfig:
    return read_record(folder / CONFIG_FILE, RunConfig)


def write_config(folder: Path, config: RunConfig) -> None:
    write_json(folder / CONFIG_FILE, config)


def group_hash(group: str) -> str:
    """What stands for a group in a record: names may be those of files, or of people."""
    return hashlib.sha256(group.encode()).hexdigest()[:12]


def read_groups(folder: Path) -> frozenset[str]:
    """Hashes of the groups that training or validation saw, or those before; see `group_hash`."""
    return frozenset(read_text(folder / GROUPS_FILE).split())


def write_groups(folder: Path, groups: Iterable[str], before: Iterable[str] = ()) -> None:
    """`before` are hashes of the groups that the weights it began from had seen."""
    write_text(folder / GROUPS_FILE, "".join(f"{h}\n" for h in sorted({*map(group_hash, groups), *before})))


def read_calibration(folder: Path) -> Calibration:
    return read_record(folder / CALIBRATION_FILE, Calibration)


def write_calibration(folder: Path, calibration: Calibration) -> None:
    write_json(folder / CALIBRATION_FILE, calibration)


def append_epoch(folder: Path, epoch: Record) -> None:
    """Add a line; a reader of a run in progress sees whole lines only, as one write is one line."""
    with (folder / METRICS_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(epoch.as_json()) + "\n")


def drop_half_line(run: Path) -> None:
    """What an interruption left of a line must not be written on."""
    path = run / METRICS_FILE
    if path.exists():
        whole, _, rest = path.read_text(encoding="utf-8").rpartition("\n")
        if rest:
            write_text(path, whole + "\n" if whole else "")


def read_epochs(folder: Path) -> tuple[Epoch, ...]:
    """The epochs so far; see `read_lines`."""
    return read_lines(folder, Epoch)


def read_lines(folder: Path, kind: type[R]) -> tuple[R, ...]:
    """The epochs so far, without a last line that is cut off: it is being written, or never was to the end.

    Raises `RecordError` that names the file and the broken line, and for more lines than `MAX_EPOCHS`.
    """
    path = folder / METRICS_FILE
    text = read_text(path)
    if text.count("\n") > MAX_EPOCHS:
        raise RecordError(f"{path}: has more than {MAX_EPOCHS:,} lines. It is not read.")
    epochs = []
    for number, line in enumerate(text.split("\n")[:-1], 1):
        try:
            epochs.append(kind.model_validate_json(line))
        except ValidationError as problem:
            _, where, what = first_error(problem)
            raise RecordError(
                f"{path}: line {number}: {where or 'the whole line'}: {what}. Correct or remove this line."
            ) from None
    return tuple(epochs)
