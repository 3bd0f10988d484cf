"""The commands that train a run again, from its record: nothing untrusted in them but plain words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from core.labels import LABEL_SETS
from core.runs import PHASE_SETTINGS, RunConfig, phases_of, planned_epochs

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_OPTIONS = {  # of `python -m training.train`, by setting
    "backbone": "--backbone",
    "alpha": "--alpha",
    "size": "--size",
    "batch": "--batch",
    "pictures_per_epoch": "--pictures-per-epoch",
    "patience": "--patience",
    "limit": "--limit",
}
_NOT_OF_DETECTORS = ("backbone", "patience", "trains")


def commands(config: RunConfig) -> tuple[str, ...]:
    """One line each: the code as it was, what it needs, the training, the model, its measure.

    An option that the code of that day does not know yet is in its recipe. A value that is no plain word or
    number is left out, as a shell might read more into it.
    """
    if not _plain(config.recipe):
        return ()
    commit = config.git_commit if re.fullmatch(r"[0-9a-f]{40}", config.git_commit) else None
    before = (f"git checkout {commit}",) if commit else ()
    return (
        *before,
        "pip install -r requirements-train.txt",
        " ".join(["python -m training.train", config.recipe, "--data=DATA", *_options(config)]),
        f"python -m training.export runs/{config.id}-again {config.id}-again",
        f"python -m training.evaluate {config.id}-again --data DATA --record",
    )


def _options(config: RunConfig) -> Iterator[str]:
    settings = config.settings
    yield f"--output=runs/{config.id}-again"
    yield f"--seed={config.seed}"
    detects = config.task == "detect"
    if detects:
        yield from ("--faces=FACES", "--taught=TAUGHT") if settings.get("taught") else ()
    elif config.labels.set in LABEL_SETS:
        yield f"--labels={config.labels.set}"
    elif all(map(_plain, config.labels.names)):
        yield f"--labels={','.join(config.labels.names)}"
    for setting, option in _OPTIONS.items():
        if _plain(settings.get(setting)) and not (detects and setting in _NOT_OF_DETECTORS):
            yield f"{option}={settings[setting]}"
    if epochs := planned_epochs(settings):
        yield f"--epochs={epochs}"
    found = phases_of(settings)
    for field in PHASE_SETTINGS:  # one option holds for all phases, so where they differ the recipe has them
        values = [] if detects and field in _NOT_OF_DETECTORS else [phase.get(field) for phase in found]
        if values and _plain(values[0]) and values.count(values[0]) == len(values):
            yield f"--{field.replace('_', '-')}={values[0]}"
    yield from _started_from(settings)
    for setting, option in (("only_sources", "--only"), ("held_out_sources", "--hold-out")):
        named = settings.get(setting)
        yield from (
            f"{option}={source}" for source in (named if isinstance(named, list) else ()) if _plain(source)
        )


def _started_from(settings: dict[str, Any]) -> Iterator[str]:
    weights, run = settings.get("backbone_weights"), settings.get("started_from")
    if isinstance(weights, str) and _plain(weights) and weights != "imagenet":
        yield f"--backbone-weights={weights}"
    if isinstance(run, str) and _plain(run):
        yield f"--start-from=runs/{run}/checkpoints/best.keras"


def _plain(value: Any) -> bool:
    """Whether it is a word or a number that no shell reads anything into."""
    if isinstance(value, str):
        return bool(_WORD.fullmatch(value))
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
