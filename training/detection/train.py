"""Train a detector and keep its record: what `python -m training.train` does with a detector's recipe."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import keras

from core.labels import LabelSet
from core.records import content_hash
from core.runs import write_groups
from training.data import (
    Manifest,
    groups_before,
    only_allowed,
    read_manifest,
    require_allowed_photos,
    require_allowed_start,
    require_allowed_teachers,
    run_of,
    teachers_of,
)
from training.detection.dataset import load_detection_data
from training.detection.fit import fit
from training.detection.network import build_detector
from training.detection.rows import FACE, LABEL, AnnotatedImage
from training.fitting import config_of, keep_config, kept_state, refuse_existing, start_from
from training.recipes import IMAGENET, NOTHING, DetectionRecipe

log = logging.getLogger(__name__)

UNLABELLED = "no label"


def train_detector(
    recipe: DetectionRecipe,
    manifest: Manifest,
    run: Path,
    *,
    backbone_weights: str = IMAGENET,
    pseudo_labels: Path | None = None,
    faces: Path | None = None,
    face_free: Path | None = None,
    limit: int | None = None,
    resume: bool = False,
    started_from: Path | None = None,
    allowed_only: bool = False,
) -> keras.Model:
    """Train, and keep the record and the best epoch in `run`: a new folder, or with `resume` one interrupted.

    `pseudo_labels`, `faces` and `face_free` as for `load_detection_data`, the rest as for `train_classifier`.
    Raises `MaskwiseError`.
    """
    refuse_existing(run, resume=resume)
    manifest = only_allowed(recipe, manifest, leave_out=allowed_only)
    singles = read_manifest(faces) if faces else None
    if singles:
        singles = only_allowed(recipe, singles, leave_out=allowed_only)
    require_allowed_start(recipe, backbone_weights, started_from)
    teachers = teachers_of(pseudo_labels)
    require_allowed_teachers(recipe, pseudo_labels, teachers)
    require_allowed_photos(recipe, face_free)
    keras.utils.set_random_seed(recipe.seed)
    data = load_detection_data(
        recipe, manifest, pseudo_labels=pseudo_labels, faces=singles, face_free=face_free, limit=limit
    )
    log.info(
        "%d pictures to learn from, %d to choose by, %d single faces, %d pictures without a face",
        *map(len, (data.training, data.validation, data.faces, data.face_free)),
    )
    learned = (*data.training, *data.faces, *data.face_free)
    pretrained = backbone_weights != NOTHING
    choice = {
        "backbone_weights": Path(backbone_weights).name if pretrained else NOTHING,
        "sources": dict(sorted(Counter(image.source for image in learned).items())),
        "source_labels": _source_labels(learned, recipe.labels),
        "teachers": teachers,
        "taught": pseudo_labels.name if pseudo_labels else None,
        "taught_sha256": content_hash(pseudo_labels) if pseudo_labels else None,
        "limit": limit,
        "started_from": run_of(started_from).name if started_from else None,
    }
    sizes = {
        "train": len(data.training),
        "validation": len(data.validation),
        "faces": len(data.faces),
        "face_free": len(data.face_free),
    }
    model = build_detector(recipe, backbone_weights)  # before there is a folder: weights may not be at hand
    if started_from:
        start_from(model, started_from)
    keep_config(run, config_of(run.name, recipe, choice, manifest.sha256, sizes, "detect"))
    write_groups(run, data.groups, groups_before([started_from] if started_from else ()))
    with kept_state(run):
        return fit(model, recipe, data, run, pretrained=pretrained)


def _source_labels(images: Iterable[AnnotatedImage], labels: LabelSet) -> dict[str, dict[str, int]]:
    """How many faces are learned from, by source and label; `UNLABELLED` are those that teachers found."""
    counts: dict[str, Counter[str]] = {}
    for image in images:
        mine = counts.setdefault(image.source, Counter())
        for index in image.of_kind(FACE)[:, LABEL].astype(int).tolist():
            mine[labels.labels[index] if index >= 0 else UNLABELLED] += 1
    return {source: dict(sorted(faces.items())) for source, faces in sorted(counts.items())}
