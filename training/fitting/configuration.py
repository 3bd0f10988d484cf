"""A run's config.json: everything that a training depends on."""

from __future__ import annotations

import dataclasses
import json
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras

from core.errors import RecordError
from core.records import Labels
from core.runs import CONFIG_FILE, RunConfig, Task, read_config, write_config
from training.fitting.precision import devices
from training.recipes import DetectionRecipe, Recipe


def config_of(
    run_id: str,
    recipe: Recipe | DetectionRecipe,
    choice: Mapping[str, Any],
    manifest_sha256: str,
    split_sizes: Mapping[str, int],
    task: Task = "classify",
) -> RunConfig:
    """The recipe's settings and, over them, what was chosen for this run."""
    settings = {
        k: v
        for k, v in dataclasses.asdict(recipe).items()
        if k not in ("name", "labels", "seed", "about", "parts") and (k != "allowed_sources" or v)
    }
    ask = ["git", "rev-parse", "HEAD"]
    commit = subprocess.run(ask, capture_output=True, text=True, check=False)  # noqa: S603 - wherever git is
    return RunConfig(
        schema=1,
        id=run_id,
        task=task,
        recipe=recipe.name,
        settings=settings | {"architecture": recipe.architecture} | dict(choice),
        labels=Labels(set=recipe.labels.name, names=recipe.labels.labels),
        seed=recipe.seed,
        git_commit=commit.stdout.strip() or "unknown",
        versions={"python": platform.python_version()}
        | {
            name: version(name)
            for name in ("keras", keras.backend.backend(), "numpy", "opencv-python-headless")
        },
        manifest_sha256=manifest_sha256,
        split_sizes=dict(split_sizes),
        device=f"{keras.backend.backend()} on {', '.join(devices())}, {keras.config.dtype_policy().name}",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def refuse_existing(run: Path, *, resume: bool) -> None:
    """Raises `RecordError` for a folder that is there, unless the run in it is to go on."""
    if run.exists() and not resume:
        raise RecordError(
            f"{run} exists already, and no record is overwritten. Go on with it by --resume, or give "
            "another --output."
        )


def keep_config(run: Path, config: RunConfig) -> None:
    """Write it, or make sure that a run to go on with was begun in the same way."""
    if not (run / CONFIG_FILE).exists():
        write_config(run, config)
        return
    before, now = read_config(run).as_json(), config.as_json()
    for record in (before, now):  # they follow from the data, and older records have none
        record["settings"].pop("source_labels", None)
    for field in ("recipe", "settings", "labels", "seed", "manifest_sha256", "split_sizes"):
        if json.dumps(before[field], sort_keys=True) != json.dumps(now[field], sort_keys=True):
            raise RecordError(
                f"{run} was begun with another {field}: {before[field]}, now {now[field]}. "
                "Give the same options and data, or another --output."
            )
