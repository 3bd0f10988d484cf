"""The recipes by name: each module of this folder without an underscore."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from core.errors import RecordError
from training.recipes._base import Recipe
from training.recipes._detector import DetectionRecipe

R = TypeVar("R", Recipe, DetectionRecipe)


def with_epochs(recipe: R, epochs: int) -> R:
    """The recipe with that many epochs in all, shared among its phases; one left with none falls out."""
    phases, given, before = [], 0, 0
    for phase in recipe.phases:
        before += phase.epochs
        until = max(given, min(epochs, round(epochs * before / recipe.epochs)))
        if until > given:
            phases.append(replace(phase, epochs=until - given))
        given = until
    if not phases:
        raise RecordError(f"--epochs {epochs}: give one or more.")
    return replace(recipe, phases=tuple(phases))


def names() -> list[str]:
    found = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(name for name in found if not name.startswith("_"))


def load_any(name: str) -> Recipe | DetectionRecipe:
    """A recipe by name: of a classifier or of a detector. Raises `RecordError` with the known ones."""
    if name not in names():
        raise RecordError(f"Unknown recipe {name!r}. Choose one of: {', '.join(names())}.")
    recipe: Recipe | DetectionRecipe = importlib.import_module(f"training.recipes.{name}").RECIPE
    return recipe


def load_recipe(name: str) -> Recipe:
    """A classifier's recipe by name. Raises `RecordError`, also for a detector's."""
    recipe = load_any(name)
    if not isinstance(recipe, Recipe):
        raise RecordError(f"{name} learns where faces are, not what they wear. Choose another recipe here.")
    return recipe
