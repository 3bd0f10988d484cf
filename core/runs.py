"""The record of one training: a folder of text, enough to redo it and to draw every chart.

runs/<id>/config.json       how it was trained
runs/<id>/groups.txt        which groups it learned from or chose by, as hashes
runs/<id>/metrics.jsonl     one line an epoch
runs/<id>/calibration.json  the temperature, fitted on the validation part
runs/<id>/evaluation.json   counts on pictures that training never saw
runs/<id>/predictions.csv   one row a test face, no pixels

The last two are of `core.evaluation`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from core.cards import Count, Labels, PlainName
from core.errors import RecordError
from core.records import Record, read_record, read_text, write_json, write_text

CONFIG_FILE, METRICS_FILE = "config.json", "metrics.jsonl"
GROUPS_FILE, CALIBRATION_FILE = "groups.txt", "calibration.json"


class RunConfig(Record):
    """How a run was trained. `manifest_sha256` is of the data's manifest; `split_sizes` count pictures."""

    schema_version: Literal[1] = Field(1, alias="schema")
    id: PlainName
    recipe: str
    settings: dict[str, Any]
    labels: Labels
    seed: int
    git_commit: str
    versions: dict[str, str]
    manifest_sha256: str
    split_sizes: dict[str, Count]
    device: str
    started: str

    @property
    def architecture(self) -> str:
        """The network's name for people; runs from before it was recorded are all of MobileNetV2."""
        return self.settings.get("architecture") or f"MobileNetV2, width {self.settings['alpha']:g}"


class Epoch(Record):
    """One line of metrics.jsonl.

    `validation` holds (hits, n) by "source/label"; `score` is the mean of their recalls, `val_loss` the mean
    of their cross-entropies, which the best epoch has least of.
    """

    epoch: Count
    phase: str
    learning_rate: float
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    score: float
    validation: dict[str, tuple[Count, Count]]
    seconds: float


class Calibration(Record):
    """Temperature scaling of the best epoch, fitted on the `n` pictures of the validation part."""

    schema_version: Literal[1] = Field(1, alias="schema")
    temperature: float
    n: Count
    ece_before: float
    ece_after: float


class Leakage(Record):
    """What of the `n` test faces training may have seen; None is not known.

    `shared_groups` counts groups, `shared_faces` the test faces in them, `twins` the test faces of which a
    near-twin was trained on. `allowed`: somebody chose to evaluate on shared groups all the same.
    """

    n: Count
    shared_groups: Count | None = None
    shared_faces: Count | None = None
    twins: Count | None = None
    hits_with_twin: Count | None = None
    hits_without: Count | None = None
    allowed: bool = False


def read_config(folder: Path) -> RunConfig:
    return read_record(folder / CONFIG_FILE, RunConfig)


def write_config(folder: Path, config: RunConfig) -> None:
    write_json(folder / CONFIG_FILE, config)


def group_hash(group: str) -> str:
    """What stands for a group in a record: names may be those of files, or of people."""
    return hashlib.sha256(group.encode()).hexdigest()[:12]


def read_groups(folder: Path) -> frozenset[str]:
    """Hashes of the groups that training or validation saw; see `group_hash`."""
    return frozenset(read_text(folder / GROUPS_FILE).split())


def write_groups(folder: Path, groups: Iterable[str]) -> None:
    write_text(folder / GROUPS_FILE, "".join(f"{h}\n" for h in sorted(set(map(group_hash, groups)))))


def read_calibration(folder: Path) -> Calibration:
    return read_record(folder / CALIBRATION_FILE, Calibration)


def write_calibration(folder: Path, calibration: Calibration) -> None:
    write_json(folder / CALIBRATION_FILE, calibration)


def append_epoch(folder: Path, epoch: Epoch) -> None:
    """Add a line; a reader of a run in progress sees whole lines only, as one write is one line."""
    with (folder / METRICS_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(epoch.as_json()) + "\n")


def read_epochs(folder: Path) -> tuple[Epoch, ...]:
    """The epochs so far, without a last line that is cut off: it is being written, or never was to the end.

    Raises `RecordError` that names the file and the broken line.
    """
    path = folder / METRICS_FILE
    epochs = []
    for number, line in enumerate(read_text(path).split("\n")[:-1], 1):
        try:
            epochs.append(Epoch.model_validate_json(line))
        except ValidationError as problem:
            first = problem.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the whole line"
            raise RecordError(
                f"{path}: line {number}: {where}: {first['msg']}. Correct or remove this line."
            ) from None
    return tuple(epochs)
