"""A run's config.json: everything that a training depends on."""

from __future__ import annotations

import dataclasses
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import keras

from core.records import Labels
from core.runs import RunConfig, Task
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
