"""Fit a detector from where its record ends, and keep the epoch that finds best."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from core.detection import Network, find, fit_inside
from core.images import scaled
from core.metrics import match
from core.models import read_keras
from core.results import Frame
from core.runs import (
    METRICS_FILE,
    DetectionEpoch,
    SourceFound,
    append_epoch,
    drop_half_line,
    read_detection_epochs,
)
from training.detection.dataset import FACE_FREE, DetectionData, TrainingTiles
from training.detection.labelled_detections import without_ignored
from training.detection.loss import DetectionLoss
from training.detection.network import freeze
from training.detection.rows import FACE, IGNORED, AnnotatedImage
from training.fitting import BEST, CHECKPOINTS, checkpoint, ema_weights, keep_best, optimizer, require_number
from training.recipes import DetectionRecipe, Phase

log = logging.getLogger(__name__)

_LEAST_SCORE = 0.02  # what scores less adds nothing to average precision
_SIDE, _ENLARGE = 672, 2.0  # pixels of a validation picture's longer side, but at most so many times its own
AT = 0.35  # the score at which an epoch's faces are counted; the card's operating points are chosen later


def fit(
    model: keras.Model, recipe: DetectionRecipe, data: DetectionData, run: Path, *, pretrained: bool
) -> keras.Model:
    """Train `model` and return the best epoch's network, of EMA weights.

    Goes on where the record in `run` ends: tiles follow from seed and epoch, the rest is in the checkpoint.
    """
    (run / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    drop_half_line(run)
    first, (phase,) = len(epochs_done(run)), recipe.phases
    tiles = TrainingTiles(recipe, data)
    freeze(model, recipe, pretrained=pretrained)
    model.compile(
        optimizer(phase, recipe.weight_decay, len(tiles), use_ema=True, ema_momentum=recipe.ema_momentum),
        DetectionLoss(recipe.size),
        jit_compile=keras.backend.backend() == "jax",
    )
    if 0 < first < phase.epochs:
        model.optimizer.build(model.trainable_variables)
        model.load_weights(checkpoint(run, first - 1))
    log.info("%s: %d epochs of %d batches", phase.name, phase.epochs - first, len(tiles))
    for epoch in range(first, phase.epochs):
        start = time.monotonic()
        loss = _one_epoch(model, tiles, epoch)
        require_number(loss, epoch, phase.learning_rate, kept=epoch)
        seconds = time.monotonic() - start
        model.save_weights(checkpoint(run, epoch))
        with ema_weights(model):
            _record(model, phase, data.validation, run, epoch, loss, seconds)
        checkpoint(run, epoch - 1).unlink(missing_ok=True)
    checkpoint(run, phase.epochs - 1).unlink(missing_ok=True)
    return read_keras(run / CHECKPOINTS / BEST)


def _one_epoch(model: keras.Model, tiles: TrainingTiles, epoch: int) -> float:
    """Mean loss. The next batch is drawn while the network learns from this one.

    `Model.fit` takes longer, but where it keeps freed memory (`training.fitting.memory`).
    """
    model.reset_metrics()
    loss = float("nan")
    with ThreadPoolExecutor(1) as drawing:
        coming = drawing.submit(tiles.batch, epoch, 0)
        for index in tqdm(range(len(tiles)), desc=f"epoch {epoch + 1}", unit=" batches", disable=None):
            pictures, rows = coming.result()
            if index + 1 < len(tiles):
                coming = drawing.submit(tiles.batch, epoch, index + 1)
            loss = float(model.train_on_batch(pictures, rows))
    return loss


def _record(
    model: keras.Model,
    phase: Phase,
    images: Sequence[AnnotatedImage],
    run: Path,
    epoch: int,
    loss: float,
    seconds: float,
) -> None:
    """Keep the network if it finds best so far, then the line in the record.

    The line is written last: an epoch without one did not happen, and is done again.
    """
    found = validate(network_of(model), images)
    line = DetectionEpoch(
        epoch=epoch,
        phase=phase.name,
        learning_rate=float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)),
        loss=loss,
        score=float(np.mean([counted.ap50 for counted in found.values()])),
        validation=found,
        seconds=seconds,
    )
    if line.score > max((e.score for e in epochs_done(run)), default=-1.0):
        keep_best(model, run)
    append_epoch(run, line)
    log.info("epoch %d: loss %.3f, validation AP50 %.3f, %.0f s", epoch + 1, loss, line.score, seconds)


def epochs_done(run: Path) -> tuple[DetectionEpoch, ...]:
    return read_detection_epochs(run) if (run / METRICS_FILE).exists() else ()


def network_of(model: keras.Model) -> Network:
    return lambda pictures: np.asarray(keras.ops.convert_to_numpy(model.predict_on_batch(pictures)))


def validate(network: Network, images: Sequence[AnnotatedImage]) -> dict[str, SourceFound]:
    """What is found by source. Detections in regions that are ignored count neither way."""
    rows: dict[str, list[tuple[list, list, list]]] = {}
    for image in images:
        if image.source == FACE_FREE:  # says nothing of what is found
            continue
        frame = Frame(image.rgb)
        scale = min(_ENLARGE, _SIDE / max(frame.width, frame.height))
        seen = find(network, scaled(image.rgb, scale), _LEAST_SCORE)
        inside = [face for one in seen if (face := fit_inside(one, frame, 1 / scale))]
        true, ignored = (image.boxes_of(kind) for kind in (FACE, IGNORED))
        faces = without_ignored(inside, true, ignored)
        rows.setdefault(image.source, []).append(([f.box for f in faces], [f.score for f in faces], true))
    found = {}
    for source, pictures in sorted(rows.items()):
        matches = match(pictures)
        hits, n = matches.recall(min_score=AT)
        false = int((~matches.hits[matches.scores >= AT]).sum())
        found[source] = SourceFound(n=n, found=hits, false=false, ap50=matches.average_precision())
    return found
