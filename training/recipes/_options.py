"""Command-line options that change a recipe."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Any, get_args

from core.detection import STRIDES
from core.errors import RecordError
from training.recipes._base import IMAGENET, Backbone, Optimizer, Recipe, Schedule
from training.recipes._detector import DetectionRecipe
from training.recipes._registry import R, load_any, load_recipe, names, with_epochs

# Options of training that are not for every recipe, as `argparse` names them
_FOR_CLASSIFIERS = (
    *("backbone", "trains", "patience", "labels", "yunet", "only", "hold_out"),
    *("workers", "worker", "tensorboard"),
)
_FOR_DETECTORS = ("faces", "taught", "face_free")


def add_recipe_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help=", ".join(names()))
    parser.add_argument("--epochs", type=int, help="in all; shared among the phases as the recipe does")
    parser.add_argument("--backbone", choices=get_args(Backbone))
    parser.add_argument(
        "--backbone-weights",
        default=IMAGENET,
        help="a file; imagenet (default) downloads; a model that ships; or none",
    )
    parser.add_argument("--alpha", type=float, help="width of MobileNetV2")
    parser.add_argument("--size", type=int, help="side of the network's input, pixels")
    parser.add_argument("--trains", help="head, all, or how many of the body's last layers, in every phase")
    parser.add_argument("--optimizer", choices=get_args(Optimizer), help="in every phase")
    parser.add_argument("--learning-rate", type=float, help="in every phase")
    parser.add_argument("--schedule", choices=get_args(Schedule), help="in every phase")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--pictures-per-epoch", type=int)
    parser.add_argument("--patience", type=int, help="epochs without a better one before a phase ends")
    parser.add_argument("--seed", type=int)


def changed(options: argparse.Namespace) -> Recipe:
    """The classifier's recipe asked for, with what the options say otherwise. Raises `RecordError`."""
    return _changed(load_recipe(options.recipe), options)


def changed_any(options: argparse.Namespace) -> Recipe | DetectionRecipe:
    """As `changed`, of any recipe. Raises `RecordError` for an option that is not for it, too."""
    recipe = load_any(options.recipe)
    if isinstance(recipe, Recipe):
        refuse(options, _FOR_DETECTORS, f"{recipe.name} is a classifier's recipe.")
        return _changed(recipe, options)
    refuse(options, _FOR_CLASSIFIERS, f"{recipe.name} is a detector's recipe.")
    if options.size is not None and (options.size <= 0 or options.size % STRIDES[-1]):
        raise RecordError(f"--size {options.size}: give a multiple of {STRIDES[-1]} pixels.")
    return _changed(recipe, options)


def refuse(options: argparse.Namespace, fields: Sequence[str], why: str) -> None:
    """Raises `RecordError` that names those of `fields` which were given."""
    given = [f"--{field.replace('_', '-')}" for field in fields if getattr(options, field, None)]
    if given:
        raise RecordError(f"{why} Leave out what it does not have: {', '.join(given)}.")


def _changed(recipe: R, options: argparse.Namespace) -> R:
    def given(*fields: str) -> dict[str, Any]:
        return {field: value for field in fields if (value := getattr(options, field)) is not None}

    if options.epochs is not None:
        recipe = with_epochs(recipe, options.epochs)
    if isinstance(recipe, Recipe) and options.backbone not in (None, recipe.backbone):
        recipe = dataclasses.replace(recipe, body_ends_at="")  # it is a layer of the recipe's own
    in_phase = given("optimizer", "learning_rate", "schedule", "trains")
    if (trains := in_phase.get("trains", "all")) not in ("head", "all"):
        if not trains.isdecimal():
            raise RecordError(f"--trains {trains}: give head, all, or a number of layers.")
        in_phase["trains"] = int(trains)
    return dataclasses.replace(
        recipe,
        phases=tuple(dataclasses.replace(phase, **in_phase) for phase in recipe.phases),
        **given("backbone", "alpha", "size", "batch", "pictures_per_epoch", "patience", "seed"),
    )
