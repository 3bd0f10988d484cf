"""Options on the command line that several commands take: what to read, and what of a recipe to change."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any, get_args

from core.errors import RecordError
from training.fixes import apply_fixes
from training.formats import READERS, detect, root_of
from training.formats.file_names import CORRECTED
from training.manifest import Manifest, read_manifest
from training.recipe import IMAGENET, Backbone, Optimizer, Recipe, Schedule, load_recipe, names, with_epochs


def add_data_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="MANIFEST_OR_FOLDER")
    parser.add_argument("--format", choices=sorted(READERS), help="of the data; found out if not given")
    parser.add_argument("--images", type=Path, help="folder of the pictures, if the data is elsewhere")
    parser.add_argument("--type-order", default=CORRECTED, help="of types 1 to 4 in file names")
    parser.add_argument("--fixes", type=Path, metavar="CSV", help="labels corrected in the dashboard")


def read_data(options: argparse.Namespace) -> Manifest:
    """The data asked for, its labels corrected by `--fixes`. Raises `RecordError`."""
    manifest = read_manifest(
        options.data, format=options.format, images=options.images, type_order=options.type_order
    )
    return apply_fixes(manifest, options.fixes, data_root(options)) if options.fixes else manifest


def data_root(options: argparse.Namespace) -> Path:
    """The folder to which paths in the data are relative."""
    data: Path = options.data
    if options.images:
        return Path(options.images)
    is_manifest = data.is_file() and (options.format or detect(data)) == "manifest"
    return data.parent if is_manifest else root_of(data)


def add_recipe_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", help=", ".join(names()))
    parser.add_argument("--epochs", type=int, help="in all; shared among the phases as the recipe does")
    parser.add_argument("--backbone", choices=get_args(Backbone))
    parser.add_argument(
        "--backbone-weights", default=IMAGENET, help="a file; imagenet (default) downloads; or none"
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
    """The recipe asked for, with what the options say otherwise. Raises `RecordError`."""

    def given(*fields: str) -> dict[str, Any]:
        return {field: value for field in fields if (value := getattr(options, field)) is not None}

    recipe = load_recipe(options.recipe)
    if options.epochs is not None:
        recipe = with_epochs(recipe, options.epochs)
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
