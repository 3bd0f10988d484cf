"""Train a classifier by a recipe and keep its record: what `python -m training.train` does."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from core.errors import RecordError
from core.labels import LABEL_SETS, LabelSet
from core.runs import RunConfig, write_groups
from training.data import Dataset, Manifest, load_dataset, only_allowed, require_allowed_start
from training.fitting.configuration import config_of, keep_config, refuse_existing
from training.fitting.distribution import ALONE, Workers
from training.fitting.fit import fit_classifier
from training.fitting.networks import build, joined, start_from
from training.recipes import IMAGENET, NOTHING, Recipe

log = logging.getLogger(__name__)


def train_classifier(
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
    allowed_only: bool = False,
    tensorboard: bool = False,
    workers: Workers = ALONE,
) -> keras.Model:
    """Train, and keep the record and the best epoch in `run`: a new folder, or with `resume` one interrupted.

    Returns the best epoch's network.

    `labels` names a label set, or labels separated by commas; None takes the recipe's, or the data's own
    where the two have nothing in common. `started_from` is the network of an earlier run, to go on with under
    a new schedule. `allowed_only` leaves sources out that the recipe may not learn from, which are refused
    otherwise. For the rest see `load_dataset` and `networks.build`. Raises `MaskwiseError`.
    """
    run = workers.folder(run)
    refuse_existing(run, resume=resume)
    named = (*only_sources, *held_out_sources) if only_sources else ()
    manifest = only_allowed(recipe, manifest, leave_out=allowed_only, among=named)
    require_allowed_start(recipe, backbone_weights, started_from)
    keras.utils.set_random_seed(recipe.seed)
    recipe = with_labels(recipe, manifest, labels)
    pretrained = backbone_weights != NOTHING and recipe.backbone != "small_cnn"
    if not pretrained:  # nothing is gained by keeping a body as it is that knows nothing
        phases = tuple(dataclasses.replace(phase, trains="all", ema_span=0) for phase in recipe.phases)
        recipe = dataclasses.replace(recipe, phases=phases)
    dataset = load_dataset(
        recipe,
        manifest.only(recipe.labels, recipe.class_set.reserved),
        yunet=yunet,
        only_sources=only_sources,
        held_out_sources=held_out_sources,
        limit=limit,
    )
    choice = {
        "backbone_weights": Path(backbone_weights).name if pretrained else NOTHING,
        "sources": dataset.sources,
        "source_labels": dataset.source_labels(recipe.class_set),
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
        name = f"{recipe.name}-{part.name}"
        mine = dataclasses.replace(recipe, name=name, labels=part.labels, classes=(), parts=())
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
    classes = recipe.classes if labels == recipe.labels else ()
    return dataclasses.replace(recipe, labels=labels, classes=classes)


def _config(run_id: str, recipe: Recipe, choice: dict[str, Any], dataset: Dataset) -> RunConfig:
    settings = choice | {"parts": [part.name for part in recipe.parts]}
    return config_of(run_id, recipe, settings, dataset.sha256, dataset.sizes)
