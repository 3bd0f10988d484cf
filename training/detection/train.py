"""Train a detector and keep its record: what `python -m training.train` does with a detector's recipe."""

from __future__ import annotations

import logging
from pathlib import Path

import keras

from core.records import content_hash
from core.runs import write_groups
from training.data import Manifest
from training.detection.dataset import load_detection_data
from training.detection.fit import fit
from training.detection.network import build_detector
from training.fitting import config_of, keep_config, refuse_existing, start_from
from training.recipes import IMAGENET, NOTHING, DetectionRecipe

log = logging.getLogger(__name__)


def train_detector(
    recipe: DetectionRecipe,
    manifest: Manifest,
    run: Path,
    *,
    backbone_weights: str = IMAGENET,
    pseudo_labels: Path | None = None,
    faces: Path | None = None,
    limit: int | None = None,
    resume: bool = False,
    started_from: Path | None = None,
) -> keras.Model:
    """Train, and keep the record and the best epoch in `run`: a new folder, or with `resume` one interrupted.

    `pseudo_labels` and `faces` as for `load_detection_data`, the rest as for `train_classifier`. Raises
    `MaskwiseError`.
    """
    refuse_existing(run, resume=resume)
    keras.utils.set_random_seed(recipe.seed)
    data = load_detection_data(recipe, manifest, pseudo_labels=pseudo_labels, faces=faces, limit=limit)
    log.info(
        "%d pictures to learn from, %d to choose by, %d single faces",
        *map(len, (data.training, data.validation, data.faces)),
    )
    pretrained = backbone_weights != NOTHING
    choice = {
        "backbone_weights": Path(backbone_weights).name if pretrained else NOTHING,
        "sources": sorted({image.source for image in (*data.training, *data.validation, *data.faces)}),
        "taught": pseudo_labels.name if pseudo_labels else None,
        "taught_sha256": content_hash(pseudo_labels) if pseudo_labels else None,
        "limit": limit,
        "started_from": started_from.parent.parent.name if started_from else None,
    }
    sizes = {"train": len(data.training), "validation": len(data.validation), "faces": len(data.faces)}
    keep_config(run, config_of(run.name, recipe, choice, manifest.sha256, sizes, "detect"))
    write_groups(run, data.groups)
    model = build_detector(recipe, backbone_weights)
    if started_from:
        start_from(model, started_from)
    return fit(model, recipe, data, run, pretrained=pretrained)
