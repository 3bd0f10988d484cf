"""Train a recipe and keep its record.

    python -m training.train RECIPE --data MANIFEST_OR_FOLDER [--epochs N] [--limit N] [--output runs/ID]
    python -m training.train face_fpn --data SCENES [--faces FACES] [--taught TAUGHT.csv] [--epochs N] ...

The second trains a detector; see `training.detection`.

The test part of the data (split "test") is never looked at here. The epoch that is best on validation is kept
as `checkpoints/best.keras` in the run's folder; `training.export` makes a model of it. After an interruption
the same command with `--resume` goes on. `KERAS_BACKEND` chooses among the backends that are installed.
`MALLOC_ARENA_MAX=1` before the command saves a fifth of the time on two cores under Linux.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras

from core.errors import MaskwiseError, RecordError
from core.labels import LABEL_SETS, LabelSet
from core.metrics import percent
from core.runs import RunConfig, write_groups
from training.data import Dataset, Manifest, add_data_options, load_dataset, read_data
from training.detection import AT, train_detector
from training.detection import epochs_done as detection_epochs
from training.evaluation import table
from training.fitting import (
    ALONE,
    Workers,
    build,
    config_of,
    epochs_done,
    fit_classifier,
    join,
    joined,
    keep_config,
    refuse_existing,
    start_from,
    use_mixed_precision_on_gpu,
)
from training.recipes import IMAGENET, NOTHING, Recipe, add_recipe_options, changed_any

log = logging.getLogger(__name__)


def train(
    recipe: Recipe,
    manifest: Manifest,
    run: Path,
    *,
    backbone_weights: str = IMAGENET,
    labels: str | None = None,
    yunet: Path | None = None,
    only_sources: Sequence[str] = (),
    held_out_sources: Sequence[str] = (),
    limit: int | None = None,
    resume: bool = False,
    started_from: Path | None = None,
    tensorboard: bool = False,
    workers: Workers = ALONE,
) -> keras.Model:
    """Train, and keep the record and the best epoch in `run`: a new folder, or with `resume` one interrupted.

    Returns the best epoch's network.

    `labels` names a label set, or labels separated by commas; None takes the recipe's, or the data's own
    where the two have nothing in common. `started_from` is the network of an earlier run, to go on with under
    a new schedule. For the rest see `load_dataset` and `networks.build`. Raises
    `MaskwiseError`.
    """
    run = workers.folder(run)
    refuse_existing(run, resume=resume)
    keras.utils.set_random_seed(recipe.seed)
    recipe = with_labels(recipe, manifest, labels)
    pretrained = backbone_weights != NOTHING and recipe.backbone != "small_cnn"
    if not pretrained:  # nothing is gained by keeping a body as it is that knows nothing
        phases = tuple(dataclasses.replace(phase, trains="all", averaged=0) for phase in recipe.phases)
        recipe = dataclasses.replace(recipe, phases=phases)
    dataset = load_dataset(
        recipe,
        manifest.only(recipe.labels),
        yunet=yunet,
        only_sources=only_sources,
        held_out_sources=held_out_sources,
        limit=limit,
    )
    choice = {
        "backbone_weights": Path(backbone_weights).name if pretrained else NOTHING,
        "sources": dataset.sources,
        "only_sources": sorted(only_sources),
        "held_out_sources": sorted(held_out_sources),
        "limit": limit,
        "started_from": started_from.parent.parent.name if started_from else None,
    }
    keep_config(run, _config(run.name, recipe, choice, dataset))
    write_groups(run, dataset.groups)
    options: dict[str, Any] = {"pretrained": pretrained, "tensorboard": tensorboard, "workers": workers}
    if recipe.parts:
        model = _of_parts(recipe, dataset, run, backbone_weights, options)
    else:
        model = build(recipe, backbone_weights)
    if started_from:
        start_from(model, started_from)
    return fit_classifier(model, recipe, dataset, run, **options)


def _of_parts(
    recipe: Recipe, dataset: Dataset, run: Path, backbone_weights: str, options: dict[str, Any]
) -> keras.Model:
    """A network for each part, trained in `run`/parts/<name>, then one of them all."""
    trained = []
    for part in recipe.parts:
        mine = dataclasses.replace(recipe, name=f"{recipe.name}-{part.name}", labels=part.labels, parts=())
        faces = dataset.relabelled(recipe.labels, part.label_of, part.labels)
        folder = run / "parts" / part.name
        keep_config(folder, _config(part.name, mine, {}, faces))
        log.info("part %s", part.name)
        network = build(mine, backbone_weights, part.name)
        trained.append((part.name, fit_classifier(network, mine, faces, folder, **options)))
    return joined(trained, recipe)


def with_labels(recipe: Recipe, manifest: Manifest, wanted: str | None = None) -> Recipe:
    """The recipe for the label set wanted, or for the data's own labels where the recipe knows none."""
    if wanted:
        labels = LABEL_SETS.get(wanted) or LabelSet("own", tuple(n.strip() for n in wanted.split(",")))
    elif set(recipe.labels) & set(manifest.label_names):
        return recipe
    else:
        labels = LabelSet("own", manifest.label_names)
        log.info(
            "No label of the data is of %s, so its own are learned: %s", recipe.labels.name, ", ".join(labels)
        )
    if recipe.parts and labels != recipe.labels:
        raise RecordError(
            f"{recipe.name} joins answers about {recipe.labels.name} and takes no other labels."
        )
    return dataclasses.replace(recipe, labels=labels)


def _config(run_id: str, recipe: Recipe, choice: dict[str, Any], dataset: Dataset) -> RunConfig:
    settings = choice | {"parts": [part.name for part in recipe.parts]}
    return config_of(run_id, recipe, settings, dataset.sha256, dataset.sizes)


def _best(run: Path) -> str:
    best = min(epochs_done(run), key=lambda epoch: epoch.val_loss)
    lines = [f"  {cell:40} {hits:6} of {n}" for cell, (hits, n) in best.validation.items()]
    return "\n".join(
        [f"Best epoch: {best.epoch}. Right of those kept for validation, by source and label:", *lines]
    )


def _best_of_detector(run: Path) -> str:
    best = max(detection_epochs(run), key=lambda epoch: epoch.score)
    rows = [
        (source, percent(found.ap50), f"{found.found} of {found.n}", f"{found.false}")
        for source, found in best.validation.items()
    ]
    return "\n".join(
        [
            f"Best epoch: {best.epoch}. Of the faces kept for validation, from score {AT:g} on:",
            *table([("", "AP50", "found", "false"), *rows]),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Train a recipe.")
    parser.add_argument("--output", type=Path, help="a new folder; default runs/RECIPE-TIME")
    parser.add_argument("--resume", action="store_true", help="go on with the interrupted run in --output")
    parser.add_argument(
        "--start-from", type=Path, metavar="RUN/checkpoints/best.keras", help="weights of a run to go on with"
    )
    parser.add_argument("--limit", type=int, help="use at most that many pictures, for a rehearsal")
    parser.add_argument("--labels", help=f"{', '.join(LABEL_SETS)}, or labels separated by commas")
    parser.add_argument("--yunet", type=Path, help="face detector, for the points at which masks are drawn")
    parser.add_argument("--only", action="append", default=[], metavar="SOURCE", help="learn from it alone")
    parser.add_argument(
        "--hold-out", action="append", default=[], metavar="SOURCE", help="only validate on it"
    )
    parser.add_argument("--workers", default="", metavar="HOST:PORT,...", help="machines that train together")
    parser.add_argument("--worker", type=int, default=0, help="which of them this is, from 0")
    parser.add_argument("--tensorboard", action="store_true", help="write logs into the run's folder")
    parser.add_argument(
        "--faces", type=Path, metavar="MANIFEST", help="of a detector: pictures that are a face each"
    )
    parser.add_argument(
        "--taught", type=Path, metavar="CSV", help="of a detector: what training.detection.teach wrote"
    )
    add_recipe_options(parser)
    add_data_options(parser)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        workers = join([address for address in options.workers.split(",") if address], options.worker)
        use_mixed_precision_on_gpu()
        recipe = changed_any(options)
        run = options.output or Path("runs") / f"{recipe.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        of_either: dict[str, Any] = {
            "backbone_weights": options.backbone_weights,
            "limit": options.limit,
            "resume": options.resume,
            "started_from": options.start_from,
        }
        if isinstance(recipe, Recipe):
            train(
                recipe,
                read_data(options),
                run,
                labels=options.labels,
                yunet=options.yunet,
                only_sources=options.only,
                held_out_sources=options.hold_out,
                tensorboard=options.tensorboard,
                workers=workers,
                **of_either,
            )
        else:
            train_detector(
                recipe, read_data(options), run, taught=options.taught, faces=options.faces, **of_either
            )
    except MaskwiseError as problem:
        parser.exit(1, f"error: {problem}\n")
    print(_best(workers.folder(run)) if isinstance(recipe, Recipe) else _best_of_detector(run))
    print(f"Make a model of it: python -m training.export {run} {recipe.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
