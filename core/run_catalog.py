"""The runs on this machine: folders of records, each read whole or with what is wrong with it."""

from __future__ import annotations

import hashlib
import math
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

from core.cross_source import CROSS_SOURCE_FILE
from core.errors import RecordError
from core.evaluation import EVALUATION_FILE, Evaluation, file_name, read_evaluation
from core.models import SHIPPED
from core.records import read_bytes
from core.runs import (
    CALIBRATION_FILE,
    CONFIG_FILE,
    METRICS_FILE,
    Calibration,
    Epoch,
    RunConfig,
    read_calibration,
    read_config,
    read_epochs,
)

SHIPPED_RUNS = SHIPPED.parent / "runs"
FOLDER_VARIABLE = "MASKWISE_RUNS"
MAX_FURTHER = 20  # evaluations and parts of one run: bounds what a stranger's folder makes us read
QUIET_S = 600.0  # without a new epoch for so long, and three times the slowest epoch, a training has stopped

State = Literal["finished", "in progress", "interrupted"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """One training's records.

    `evaluations` are by name, "" being that of its own test part. `parts` are the epochs of the networks that
    were trained first and then joined. `problems` say which further records are broken; the rest is kept.
    """

    name: str
    folder: Path
    config: RunConfig
    epochs: tuple[Epoch, ...] = ()
    calibration: Calibration | None = None
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    parts: Mapping[str, tuple[Epoch, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    @property
    def evaluation(self) -> Evaluation | None:
        """That of its own test part."""
        return self.evaluations.get("")

    @property
    def best_epoch(self) -> Epoch | None:
        """The epoch with the least validation loss: the one that is kept."""
        known = [epoch for epoch in self.epochs if not math.isnan(epoch.val_loss)]
        return min(known or self.epochs, key=lambda epoch: epoch.val_loss, default=None)

    @property
    def seconds(self) -> float:
        """Of training and validation, all parts together."""
        return sum(epoch.seconds for epochs in (self.epochs, *self.parts.values()) for epoch in epochs)


def folders() -> dict[str, Path]:
    """Run folders by name: those shipped, then those in $MASKWISE_RUNS, which win over a shipped name.

    The runs of a cross-source table are named by it and their source: "table/source".
    """
    found = {path.name: path for path in _below_roots(CONFIG_FILE, METRICS_FILE)}
    for table, folder in cross_source_folders().items():
        found.update({f"{table}/{path.name}": path for path in _having(folder, CONFIG_FILE)})
    return found


def cross_source_folders() -> dict[str, Path]:
    """Folders of cross-source tables, by name."""
    return {path.name: path for path in _below_roots(CROSS_SOURCE_FILE)}


def _below_roots(*files: str) -> Iterator[Path]:
    for root in (SHIPPED_RUNS, os.environ.get(FOLDER_VARIABLE)):
        if root and Path(root).is_dir():
            yield from _having(Path(root), *files)


def _having(root: Path, *files: str) -> list[Path]:
    return sorted({path.parent for file in files for path in root.glob(f"*/{file}")})


def fingerprint(folder: Path) -> str:
    """Changes with the content of any record that `read_run` reads. Raises `RecordError`."""
    digest = hashlib.sha256()
    for path in _records(folder):
        content = read_bytes(path)
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _records(folder: Path) -> list[Path]:
    names = [CONFIG_FILE, METRICS_FILE, CALIBRATION_FILE]
    names += [file_name(EVALUATION_FILE, name) for name in _evaluation_names(folder)]
    paths = [folder / name for name in names] + [part / METRICS_FILE for part in _parts(folder)]
    return [path for path in paths if path.exists()]


def _evaluation_names(folder: Path) -> list[str]:
    """Sorted, so that its own test part, "", comes first."""
    matches = [re.fullmatch(r"evaluation(?:-(.+))?\.json", path.name) for path in folder.glob("evaluation*")]
    return sorted(match[1] or "" for match in matches if match)[:MAX_FURTHER]


def _parts(folder: Path) -> list[Path]:
    return _having(folder / "parts", METRICS_FILE)[:MAX_FURTHER]


def read_run(name: str, folder: Path) -> Run:
    """All records but the predictions. Raises `RecordError` when config.json is absent or broken."""
    config = read_config(folder)
    problems: list[str] = []

    def tried(read: Callable[[Path], T], path: Path, file: str) -> T | None:
        try:
            return read(path) if (path / file).exists() else None
        except RecordError as problem:
            problems.append(str(problem))
            return None

    evaluations = {
        further: tried(partial(read_evaluation, name=further), folder, file_name(EVALUATION_FILE, further))
        for further in _evaluation_names(folder)
    }
    return Run(
        name=name,
        folder=folder,
        config=config,
        epochs=tried(read_epochs, folder, METRICS_FILE) or (),
        calibration=tried(read_calibration, folder, CALIBRATION_FILE),
        evaluations={further: found for further, found in evaluations.items() if found},
        parts={part.name: tried(read_epochs, part, METRICS_FILE) or () for part in _parts(folder)},
        problems=tuple(problems),
    )


def state(run: Run) -> State:
    """Whether the training is done, goes on or has stopped, by when its record last grew."""
    if run.calibration:
        return "finished"
    grown = [
        path.stat().st_mtime for path in _records(run.folder) if path.name in (CONFIG_FILE, METRICS_FILE)
    ]
    epochs = [epoch for some in (run.epochs, *run.parts.values()) for epoch in some]
    quiet = time.time() - max(grown, default=0.0)  # none where the folder has just gone
    slowest = max((epoch.seconds for epoch in epochs), default=0.0)
    return "in progress" if quiet < max(QUIET_S, 3 * slowest) else "interrupted"
