"""The runs on this machine: folders of records, each read whole or with what is wrong with it."""

from __future__ import annotations

import math
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from core import notebook, settings
from core.errors import RecordError
from core.files import displayable_name, folders_with, is_there, require_displayable_name
from core.models import SHIPPED
from core.records import file_stamp
from core.runs.cross_source import CROSS_SOURCE_FILE
from core.runs.detector_epochs import DetectionEpoch, read_detection_epochs
from core.runs.detector_evaluation import DETECTION_FILE, DetectionEvaluation, read_detection_evaluation
from core.runs.evaluation import EVALUATION_FILE, Evaluation, file_name, read_evaluation
from core.runs.run_state import STATE_FILE, RunState, read_state, still_runs
from core.runs.run_state import State as State
from core.runs.training import (
    CALIBRATION_FILE,
    CONFIG_FILE,
    METRICS_FILE,
    Calibration,
    Epoch,
    RunConfig,
    planned_epochs,
    read_calibration,
    read_config,
    read_epochs,
)

SHIPPED_RUNS = SHIPPED.parent / "runs"
MAX_FURTHER = 20  # evaluations and parts of one run: bounds what an untrusted folder makes us read
QUIET_S = 600.0  # without a new epoch for so long, and three times the slowest epoch, a training has stopped

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """One training's records.

    `evaluations` are by name, "" being that of its own test part. `parts` are the epochs of the networks that
    were trained first and then joined. `problems` say which further records are broken; the rest is kept.
    `said` is what the training says of itself, None from before trainings did.
    A detector's run has `detection_epochs` and `detection` in place of all these.
    """

    name: str
    folder: Path
    config: RunConfig
    epochs: tuple[Epoch, ...] = ()
    calibration: Calibration | None = None
    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    parts: Mapping[str, tuple[Epoch, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    detection_epochs: tuple[DetectionEpoch, ...] = ()
    detection: DetectionEvaluation | None = None
    said: RunState | None = None

    @property
    def of_detector(self) -> bool:
        """Whether it learned where faces are, not what they wear."""
        return self.config.task == "detect"

    @property
    def measured(self) -> bool:
        """Whether it was tested on pictures that training never saw."""
        return bool(self.evaluations or self.detection)

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
    def best_detection_epoch(self) -> DetectionEpoch | None:
        """The epoch with the highest mean AP50: the one that is kept."""
        known = [epoch for epoch in self.detection_epochs if not math.isnan(epoch.score)]
        return max(known, key=lambda epoch: epoch.score, default=None)

    def _repr_html_(self) -> str:
        """Its curves and its measurements, where a notebook shows it."""
        best = self.best_epoch
        if self.of_detector or best is None:
            return notebook.section(
                f"Run {self.name}", notebook.sentence("It has no curves of a classifier.")
            )
        losses = {
            "loss in training": [epoch.loss for epoch in self.epochs],
            "loss in validation": [epoch.val_loss for epoch in self.epochs],
        }
        about = (
            f"{len(self.epochs)} epochs of {self.config.recipe} in {self.seconds:.0f} s. The best is epoch "
            f"{self.epochs.index(best) + 1}, with {best.val_accuracy:.1%} right in validation."
        )
        measured = [evaluation._repr_html_() for evaluation in self.evaluations.values()]
        curves = notebook.curves(losses, "epoch", "cross-entropy")
        return notebook.section(f"Run {self.name}", notebook.sentence(about), curves, *measured)

    @property
    def seconds(self) -> float:
        """Of training and validation, all parts together."""
        return sum(_epoch_seconds(self))


def folders() -> dict[str, Path]:
    """Run folders by name: those shipped, then those in $MASKWISE_RUNS, which win over a shipped name.

    The runs of a cross-source table are named by it and their source: "table/source".
    """
    found = _below_roots(CONFIG_FILE, METRICS_FILE)
    for table, folder in cross_source_folders().items():
        found |= {f"{table}/{name}": path for name, path in _inside(folder, folder, CONFIG_FILE).items()}
    return found


def cross_source_folders() -> dict[str, Path]:
    """Folders of cross-source tables, by name."""
    return _below_roots(CROSS_SOURCE_FILE)


def _below_roots(*files: str) -> dict[str, Path]:
    roots = (SHIPPED_RUNS, settings.RUNS.get())
    return {name: path for root in roots if root for name, path in folders_with(root, *files).items()}


def _inside(record: Path, folder: Path, file: str) -> dict[str, Path]:
    """Folders in `folder` that hold `file`, without those that a link out of the folder `record` leads to."""
    root, found = os.path.realpath(record), folders_with(folder, file)
    return {name: path for name, path in found.items() if Path(os.path.realpath(path)).is_relative_to(root)}


def fingerprint(folder: Path) -> str:
    """Changes whenever a record that `read_run` reads is written. Raises `RecordError`."""
    require_displayable_name(folder)
    return "\n".join(f"{path.name} {file_stamp(path)}" for path in _records(folder))


def _records(folder: Path) -> list[Path]:
    names = [CONFIG_FILE, METRICS_FILE, CALIBRATION_FILE, DETECTION_FILE, STATE_FILE]
    names += [file_name(EVALUATION_FILE, name) for name in _evaluation_names(folder)]
    paths = [folder / name for name in names] + [part / METRICS_FILE for part in _parts(folder).values()]
    return [path for path in paths if is_there(path)]


def _evaluation_names(folder: Path) -> list[str]:
    """Sorted, so that its own test part, "", comes first."""
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:  # its config.json says why
        return []
    matches = [
        re.fullmatch(r"evaluation(?:-(.+))?\.json", name) for name in names if displayable_name(name) == name
    ]
    return sorted(match[1] or "" for match in matches if match)[:MAX_FURTHER]


def _parts(folder: Path) -> dict[str, Path]:
    parts = _inside(folder, folder / "parts", METRICS_FILE)
    return {name: part for name, part in list(parts.items())[:MAX_FURTHER] if name == part.name}


def read_run(name: str, folder: Path) -> Run:
    """All records but those of single faces. Raises `RecordError` when config.json is absent or broken, or
    the folder's name cannot be shown.
    """
    require_displayable_name(folder)
    config = read_config(folder)
    problems: list[str] = []

    def tried(read: Callable[[Path], T], path: Path, file: str) -> T | None:
        try:
            return read(path) if is_there(path / file) else None
        except RecordError as problem:
            problems.append(str(problem))
            return None

    said = tried(read_state, folder, STATE_FILE)
    if config.task == "detect":
        return Run(
            name=name,
            folder=folder,
            config=config,
            detection_epochs=tried(read_detection_epochs, folder, METRICS_FILE) or (),
            detection=tried(read_detection_evaluation, folder, DETECTION_FILE),
            problems=tuple(problems),
            said=said,
        )
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
        parts={n: tried(read_epochs, part, METRICS_FILE) or () for n, part in _parts(folder).items()},
        problems=tuple(problems),
        said=said,
    )


def state(run: Run) -> State:
    """Whether the training is done, goes on, has stopped or failed.

    It says so itself, and is asked whether it lives; where neither is known, by when its record last grew.
    """
    if run.said and run.said.state != "in progress":
        return run.said.state
    lives = still_runs(run.said) if run.said else None
    if lives is not None:
        return "in progress" if lives else "interrupted"
    if run.calibration or _all_planned(run):
        return "finished"
    grown = [_changed(path) for path in _records(run.folder) if path.name in (CONFIG_FILE, METRICS_FILE)]
    quiet = time.time() - max(grown, default=0.0)  # none where the folder has just gone
    slowest = max(_epoch_seconds(run), default=0.0)
    return "in progress" if quiet < max(QUIET_S, 3 * slowest) else "interrupted"


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # gone in between
        return 0.0


def _all_planned(run: Run) -> bool:
    """Whether a detector's training is done: it writes nothing after its last epoch."""
    planned = planned_epochs(run.config.settings) or math.inf
    return run.of_detector and (run.detection is not None or len(run.detection_epochs) >= planned)


def _epoch_seconds(run: Run) -> list[float]:
    found = [epoch.seconds for epochs in (run.epochs, *run.parts.values()) for epoch in epochs]
    return found + [epoch.seconds for epoch in run.detection_epochs]
