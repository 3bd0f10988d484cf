"""Train a recipe and keep its record.

    python -m training.train RECIPE --data MANIFEST_OR_FOLDER [--epochs N] [--limit N] [--output runs/ID]

The test part of a manifest (column `split`) is never looked at here. The epoch that is best on validation is
kept as `checkpoints/best.keras` in the run's folder; `training.export` makes a model of it.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import platform
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import keras
import numpy as np

from core.cards import Labels
from core.crops import to_batch
from core.detectors import load_detector
from core.errors import DetectorError, MaskwiseError, RecordError
from core.metrics import confusion
from core.runs import Epoch, RunConfig, append_epoch, write_calibration, write_config
from training.batches import Batches
from training.calibration import cross_entropy, fit_temperature
from training.crops import load_crops
from training.drawn import LABEL_OF, draw_on_faces, find_landmarks
from training.manifest import Example, read_manifest
from training.networks import mobilenet_v2
from training.partition import partition
from training.recipe import Recipe, load_recipe, names

log = logging.getLogger(__name__)

STORED_SCALE = (
    1.25  # crops are held somewhat larger than the network's input, so that zooming in adds no blur
)
CHECKPOINTS, BEST = "checkpoints", "best.keras"
LEAST_EXAMPLES = 10  # a cell of fewer faces says too little to be in a mean


class Recorder(keras.callbacks.Callback):
    """After each epoch: validation by source and label, a line in the record, the best epoch kept.

    The epoch with the least `val_loss` is kept: cross-entropy averaged over the cells (source, label) of the
    validation part, so a rare label or a small source counts as much as a large one. Recall would be too
    coarse to choose by: most cells are found to the last face.
    """

    def __init__(self, run: Path, recipe: Recipe, examples: Sequence[Example], crops: np.ndarray) -> None:
        super().__init__()
        self._run, self._recipe = run, recipe
        self._crops = crops
        self.true = np.array([recipe.labels.index(e.label) for e in examples])
        self._sources = np.array([e.source for e in examples])
        self._best = np.inf
        self._stale = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._start = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        seconds = time.monotonic() - self._start
        probabilities = predict(self.model, self._crops)
        cells = self._cells(probabilities.argmax(axis=1))
        shares = [hits / n for hits, n in cells.values() if n >= LEAST_EXAMPLES]
        score = float(np.mean(shares)) if shares else float("nan")
        val_loss = self._balanced_loss(probabilities)
        logs = logs or {}
        append_epoch(
            self._run,
            Epoch(
                epoch=epoch,
                phase="all layers",
                learning_rate=float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
                loss=logs["loss"],
                accuracy=logs["accuracy"],
                val_loss=val_loss,
                val_accuracy=float((probabilities.argmax(axis=1) == self.true).mean()),
                score=score,
                validation=cells,
                seconds=seconds,
            ),
        )
        log.info("epoch %d: val_loss %.4f, score %.4f, %.0f s  %s", epoch, val_loss, score, seconds, cells)
        if val_loss < self._best:
            self._best, self._stale = val_loss, 0
            self.best_probabilities = probabilities
            self.model.save(self._run / CHECKPOINTS / BEST)
        else:
            self._stale += 1
            self.model.stop_training = self._stale >= self._recipe.patience

    def _balanced_loss(self, probabilities: np.ndarray) -> float:
        cells = np.array([f"{s}/{t}" for s, t in zip(self._sources, self.true, strict=True)])
        large = [c for c in set(cells) if (cells == c).sum() >= LEAST_EXAMPLES] or set(cells)
        losses = [cross_entropy(probabilities[cells == c], self.true[cells == c]) for c in large]
        return float(np.mean(losses))

    def _cells(self, predicted: np.ndarray) -> dict[str, tuple[int, int]]:
        cells = {}
        for source in sorted(set(self._sources)):
            rows = self._sources == source
            counts = confusion(self.true[rows], predicted[rows], len(self._recipe.labels))
            for unit, label in enumerate(self._recipe.labels):
                if counts[unit].sum():
                    cells[f"{source}/{label}"] = (int(counts[unit, unit]), int(counts[unit].sum()))
        return cells


def predict(model: keras.Model, crops: np.ndarray, batch: int = 64) -> np.ndarray:
    """(N, C) probabilities of stored crops (N, S, S, 3) uint8, shrunk as serving does."""
    size = model.input_shape[1]
    parts = [
        keras.ops.convert_to_numpy(model.predict_on_batch(to_batch(list(crops[i : i + batch]), size)))
        for i in range(0, len(crops), batch)
    ]
    return np.concatenate(parts)


def train(
    recipe: Recipe,
    data: Path,
    run: Path,
    *,
    backbone_weights: Path | None = None,
    yunet: Path | None = None,
    held_out_sources: Sequence[str] = (),
    limit: int | None = None,
) -> None:
    """Train, and keep the record and the best epoch in `run`, a new folder.

    `held_out_sources` validate as a whole. `limit` bounds the pictures, for a rehearsal. Masks are drawn only
    where a detector with landmarks is at hand. Raises `MaskwiseError`.
    """
    if run.exists():
        raise RecordError(f"{run} exists already. Give another --output, so that no record is overwritten.")
    keras.utils.set_random_seed(recipe.seed)
    manifest = read_manifest(data, recipe.labels)
    examples = [e for e in manifest.examples if e.split in ("", "train")]
    if limit:
        examples = [
            examples[i] for i in np.random.default_rng(recipe.seed).permutation(len(examples))[:limit]
        ]
    for_training, for_validation = partition(examples, recipe.validation_share, held_out_sources)
    stored = round(recipe.size * STORED_SCALE)
    crops, for_training, _ = load_crops(for_training, stored, recipe.crop_scale)
    validation_crops, for_validation, _ = load_crops(for_validation, stored, recipe.crop_scale)
    drawn, drawn_labels = _draw(recipe, crops, for_training, yunet)
    log.info("%d to train on, %d drawn, %d to validate on", len(crops), len(drawn), len(validation_crops))
    if not len(crops) or not len(validation_crops):
        raise RecordError(
            f"{data}: too few pictures to train and to validate. Add pictures, or other groups."
        )

    (run / CHECKPOINTS).mkdir(parents=True)
    sizes = {"train": len(crops), "drawn": len(drawn), "validation": len(validation_crops)}
    held_out = {"held_out_sources": sorted(held_out_sources)}
    write_config(run, _config(run.name, recipe, held_out, manifest.sha256, sizes))
    labels = np.array([recipe.labels.index(e.label) for e in for_training])
    batches = Batches(recipe, crops, labels, [e.source for e in for_training], drawn, drawn_labels, workers=2)
    model = mobilenet_v2(
        len(recipe.labels),
        size=recipe.size,
        alpha=recipe.alpha,
        dropout=recipe.dropout,
        backbone_weights=backbone_weights,
    )
    steps = recipe.epochs * len(batches)
    warm_up = max(1, steps // 20)
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.learning_rate / 20,
        max(1, steps - warm_up),
        alpha=0.01,
        warmup_target=recipe.learning_rate,
        warmup_steps=warm_up,
    )
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay),
        keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing),
        metrics=["accuracy"],
        jit_compile=False,  # on a CPU, XLA takes longer to compile than it saves
    )
    recorder = Recorder(run, recipe, for_validation, validation_crops)
    model.fit(batches, epochs=recipe.epochs, callbacks=[recorder], verbose=0)
    write_calibration(run, fit_temperature(recorder.best_probabilities, recorder.true))


def _draw(
    recipe: Recipe, crops: np.ndarray, examples: Sequence[Example], yunet: Path | None
) -> tuple[np.ndarray, np.ndarray]:
    """(M, S, S, 3) pictures with drawn masks, and their labels (M,)."""
    nothing = np.empty((0, *crops.shape[1:]), np.uint8), np.empty(0, np.int64)
    if not recipe.drawn_share:
        return nothing
    try:
        detector = load_detector("yunet", yunet_path=yunet)
    except DetectorError as problem:
        log.warning("No masks are drawn, since faces need landmarks for it. %s", problem)
        return nothing
    bare = crops[[e.label == "without_mask" for e in examples]]
    pictures, wearings = draw_on_faces(bare, find_landmarks(bare, detector), recipe.seed)
    return pictures, np.array([recipe.labels.index(LABEL_OF[w]) for w in wearings], np.int64)


def _config(
    run_id: str, recipe: Recipe, extra: dict[str, Any], manifest_sha256: str, sizes: dict[str, int]
) -> RunConfig:
    settings = {
        k: v for k, v in dataclasses.asdict(recipe).items() if k not in ("name", "labels", "seed", "about")
    }
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return RunConfig(
        schema=1,
        id=run_id,
        recipe=recipe.name,
        settings=settings | extra,
        labels=Labels(set=recipe.labels.name, names=recipe.labels.labels),
        seed=recipe.seed,
        git_commit=commit.stdout.strip() or "unknown",
        versions={"python": platform.python_version()}
        | {
            name: version(name)
            for name in ("keras", keras.backend.backend(), "numpy", "opencv-python-headless")
        },
        manifest_sha256=manifest_sha256,
        split_sizes=sizes,
        device=f"{keras.backend.backend()} on {', '.join(keras.distribution.list_devices()) or 'cpu'}",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Train a recipe.")
    parser.add_argument("recipe", help=", ".join(names()))
    parser.add_argument("--data", type=Path, required=True, metavar="MANIFEST_OR_FOLDER")
    parser.add_argument("--output", type=Path, help="a new folder; default runs/RECIPE-TIME")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--limit", type=int, help="use at most that many pictures, for a rehearsal")
    parser.add_argument("--alpha", type=float, help="width of the backbone")
    parser.add_argument("--size", type=int, help="side of the network's input, pixels")
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--pictures-per-epoch", type=int)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--backbone-weights", type=Path, help="default: ImageNet's are downloaded")
    parser.add_argument("--yunet", type=Path, help="face detector, for the points at which masks are drawn")
    parser.add_argument(
        "--hold-out", action="append", default=[], metavar="SOURCE", help="only validate on it"
    )
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    changes = ("epochs", "alpha", "size", "learning_rate", "pictures_per_epoch", "seed")
    try:
        recipe = load_recipe(options.recipe)
        given = {k: v for k in changes if (v := getattr(options, k)) is not None}
        recipe = dataclasses.replace(recipe, **given)
        run = options.output or Path("runs") / f"{recipe.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
        train(
            recipe,
            options.data,
            run,
            backbone_weights=options.backbone_weights,
            yunet=options.yunet,
            held_out_sources=options.hold_out,
            limit=options.limit,
        )
    except MaskwiseError as problem:
        parser.exit(1, f"error: {problem}\n")
    print(f"Trained. Make a model of it: python -m training.export {run} {recipe.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
