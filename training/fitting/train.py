"""Train a classifier by a recipe and keep its record: what `python -m training.train` does."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from core.errors import RecordError
from core.labels import LABEL_SETS, RESERVED, LabelSet
from core.runs import CONFIG_FILE, RunConfig, read_config, write_groups
from training.data import (
    Dataset,
    Manifest,
    groups_before,
    load_dataset,
    may_be_learned,
    only_allowed,
    require_allowed_start,
    require_known_names,
    run_of,
)
from training.fitting.configuration import config_of
from training.fitting.distribution import ALONE, Workers
from training.fitting.fit import fit_classifier
from training.fitting.networks import NotDownloadedError, build, joined, start_from
from training.fitting.run_folder import keep_config, kept_state, refuse_existing
from training.fitting.shipped_backbone import (
    fitted_to,
    is_shipped,
    network_file,
    substitute_for_imagenet,
)
from training.recipes import IMAGENET, NOTHING, Part, Recipe

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

    `labels` names a label set, or labels separated by commas; None takes the recipe's, or all that the data
    has, where it has others. `started_from` is the network of an earlier run, to go on with under
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
    backbone_weights = _as_begun(run, backbone_weights) if resume else backbone_weights
    if is_shipped(backbone_weights):
        recipe = fitted_to(recipe, backbone_weights)
    pretrained = backbone_weights != NOTHING and recipe.backbone != "small_cnn"
    if not pretrained:  # nothing is gained by keeping a body as it is that knows nothing
        phases = tuple(dataclasses.replace(phase, trains="all", ema_span=0) for phase in recipe.phases)
        recipe = dataclasses.replace(recipe, phases=phases)
    # Before there is a folder: what may not be at hand, such as weights to download
    recipe, backbone_weights, networks = _networks_at_hand(recipe, backbone_weights)
    began_from = [network_file(backbone_weights)] if is_shipped(backbone_weights) else []
    before = groups_before([*began_from, started_from] if started_from else began_from)
    if started_from and not recipe.parts:
        start_from(networks[""], started_from)
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
        "started_from": run_of(started_from).name if started_from else None,
    }
    keep_config(run, _config(run.name, recipe, choice, dataset))
    write_groups(run, dataset.groups, before)
    options: dict[str, Any] = {"pretrained": pretrained, "tensorboard": tensorboard, "workers": workers}
    with kept_state(run):
        if not recipe.parts:
            return fit_classifier(networks[""], recipe, dataset, run, **options)
        model = _of_parts(recipe, networks, dataset, run, options)
        if started_from:
            start_from(model, started_from)
        return fit_classifier(model, recipe, dataset, run, **options)


def _as_begun(run: Path, backbone_weights: str) -> str:
    """What a run that goes on began from, where a model that ships stood in for ImageNet's weights."""
    before = read_config(run).settings.get("backbone_weights") if (run / CONFIG_FILE).is_file() else None
    if backbone_weights == IMAGENET and isinstance(before, str) and is_shipped(before):
        return before
    return backbone_weights


def _networks_at_hand(recipe: Recipe, backbone_weights: str) -> tuple[Recipe, str, dict[str, keras.Model]]:
    """Networks to train, and the recipe and weights that they are of.

    Where ImageNet's weights cannot be downloaded they begin as a model that ships did, which is logged.
    """
    try:
        return recipe, backbone_weights, _networks(recipe, backbone_weights)
    except NotDownloadedError as problem:
        name = substitute_for_imagenet(recipe)
        if name is None:
            raise
        log.warning(
            "%s\nTraining starts from the body of %s, which ships, instead. It learned from pictures for "
            "research: see its card.",
            problem,
            name,
        )
        recipe = fitted_to(recipe, name)
        return recipe, name, _networks(recipe, name)


def _networks(recipe: Recipe, backbone_weights: str) -> dict[str, keras.Model]:
    """A network for each part by its name, or the one that there is, by ""."""
    if not recipe.parts:
        return {"": build(recipe, backbone_weights)}
    return {part.name: build(_of_part(recipe, part), backbone_weights, part.name) for part in recipe.parts}


def _of_part(recipe: Recipe, part: Part) -> Recipe:
    name = f"{recipe.name}-{part.name}"
    return dataclasses.replace(recipe, name=name, labels=part.labels, classes=(), parts=())


def _of_parts(
    recipe: Recipe, networks: dict[str, keras.Model], dataset: Dataset, run: Path, options: dict[str, Any]
) -> keras.Model:
    """A network for each part, trained in `run`/parts/<name>, then one of them all."""
    trained = []
    for part in recipe.parts:
        mine = _of_part(recipe, part)
        faces = dataset.relabelled(recipe.labels, part.label_of, part.labels)
        folder = run / "parts" / part.name
        keep_config(folder, _config(part.name, mine, {}, faces))
        log.info("part %s", part.name)
        trained.append((part.name, fit_classifier(networks[part.name], mine, faces, folder, **options)))
    return joined(trained, recipe)


def with_labels(recipe: Recipe, manifest: Manifest, wanted: str | None = None) -> Recipe:
    """The recipe for the label set wanted, else for all labels that the data has, where it has more.

    Raises `RecordError` where none is wanted and the data has names that are not known beside labels of ours.
    """
    if wanted:
        labels = LABEL_SETS.get(wanted) or LabelSet("own", tuple(n.strip() for n in wanted.split(",")))
    else:
        labels = _of_data(recipe.labels, manifest)
        if labels == recipe.labels:
            return recipe
        log.info(
            "The data has not the labels of %s, so its own are learned: %s",
            recipe.labels.name,
            ", ".join(labels),
        )
    if recipe.parts and labels != recipe.labels:
        raise RecordError(
            f"{recipe.name} joins answers about {recipe.labels.name} and takes no other labels."
        )
    classes = recipe.classes if labels == recipe.labels else ()
    return dataclasses.replace(recipe, labels=labels, classes=classes)


def _of_data(labels: LabelSet, manifest: Manifest) -> LabelSet:
    """`labels` where they hold all that the data has to learn from, else a set of ours, or one of its own."""
    found = {e.label for e in manifest.examples if may_be_learned(e)} - {*RESERVED}
    if found <= {*labels}:
        return labels
    if found & {*labels}:
        require_known_names(manifest, labels)
    holding = (s for s in LABEL_SETS.values() if found <= {*s})
    return next(holding, None) or LabelSet("own", tuple(sorted(found)))


def _config(run_id: str, recipe: Recipe, choice: dict[str, Any], dataset: Dataset) -> RunConfig:
    settings = choice | {"parts": [part.name for part in recipe.parts]}
    return config_of(run_id, recipe, settings, dataset.sha256, dataset.sizes)
