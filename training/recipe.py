"""What a recipe states. A recipe is a module of `training.recipes` with a `RECIPE`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.cards import QualityThresholds
from core.errors import RecordError
from core.labels import LabelSet
from training import recipes


@dataclass(frozen=True, slots=True)
class About:
    """What a model's card says in words, and when its quality gate speaks."""

    summary: str
    intended_use: str
    limits: tuple[str, ...]
    licence: str
    licence_notes: tuple[str, ...]
    quality: QualityThresholds


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a training depends on beside the data and the backbone's weights.

    `label_share` is how often each label is drawn into a batch; `drawn_share` how much of a label are masks
    drawn by `training.drawn`. Real pictures are drawn with weight 1 / sqrt(size of their source), so that a
    large source does not drown a small one. An epoch is `pictures_per_epoch` draws.
    """

    name: str
    labels: LabelSet
    about: About
    size: int
    alpha: float
    epochs: int
    pictures_per_epoch: int
    batch: int
    learning_rate: float
    weight_decay: float
    label_smoothing: float
    dropout: float
    label_share: Mapping[str, float] = field(default_factory=dict)
    drawn_share: Mapping[str, float] = field(default_factory=dict)
    validation_share: float = 0.1
    crop_scale: float = 1.5
    patience: int = 8
    seed: int = 0


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(recipes.__path__))


def load_recipe(name: str) -> Recipe:
    """A recipe by name. Raises `RecordError` with the known ones."""
    if name not in names():
        raise RecordError(f"Unknown recipe {name!r}. Choose one of: {', '.join(names())}.")
    recipe: Recipe = importlib.import_module(f"training.recipes.{name}").RECIPE
    return recipe
