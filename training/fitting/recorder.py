"""What is kept of a training while it runs: the record, the best epoch, and where to go on from."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from core.classification import FaceProbabilities, face_probabilities
from core.images import to_batch
from core.metrics import confusion
from core.models import REFUSED_FROM
from core.runs import METRICS_FILE, Epoch, append_epoch, read_epochs
from training.data import Faces
from training.fitting.divergence import rate_of, require_number
from training.fitting.ema import ema_weights
from training.fitting.phases import epochs_left
from training.fitting.temperature import cross_entropy
from training.recipes import Phase, Recipe

log = logging.getLogger(__name__)

CHECKPOINTS, BEST = "checkpoints", "best.keras"
LEAST_EXAMPLES = 10  # a cell of fewer faces says too little to be in a mean


class Recorder(keras.callbacks.Callback):
    """After each epoch: validation by source and label, a checkpoint, a line in the record.

    The epoch with the least `val_loss` is kept as best.keras: cross-entropy averaged over the cells (source,
    label) of the validation part, so a rare label or a small source counts as much as a large one. Faces that
    have no label, such as those of class `not_a_face`, count in `refused` alone. Recall
    would be too coarse to choose by: most cells are found to the last face. The line in metrics.jsonl is
    written last: an epoch without one did not happen, and is done again.
    """

    def __init__(self, run: Path, recipe: Recipe, phase: Phase, validation: Faces) -> None:
        super().__init__()
        self._run, self._recipe, self._phase = run, recipe, phase
        self._crops, self._classes = validation.crops, recipe.class_set
        self._groups = self._classes.annotation_groups()[validation.class_indices]
        self._has_label = self._groups < len(recipe.labels)
        self._true = self._groups[self._has_label]
        self._sources = np.array(validation.sources)[self._has_label]

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._start = time.monotonic()
        # Dropout's state follows from seed and epoch, so an interrupted run goes on with the same masks.
        for layer in self.model._flatten_layers():
            if isinstance(layer, keras.layers.Dropout):
                layer.seed_generator.state.assign([self._recipe.seed, epoch])

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        seconds = time.monotonic() - self._start
        best = min((e.val_loss for e in epochs_done(self._run)), default=np.inf)
        with ema_weights(self.model):
            line = self._measured(epoch, logs or {}, seconds)
            if line.val_loss < best:
                keep_best(self.model, self._run)
        self.model.save_weights(checkpoint(self._run, epoch))
        append_epoch(self._run, line)
        checkpoint(self._run, epoch - 1).unlink(missing_ok=True)
        log.info("epoch %d: val_loss %.4f, score %.4f, %.0f s", epoch + 1, line.val_loss, line.score, seconds)
        self.model.stop_training = not epochs_left(self._phase, self._recipe, epochs_done(self._run))

    def _measured(self, epoch: int, logs: Mapping[str, float], seconds: float) -> Epoch:
        answers, rate = predict(self.model, self._crops), rate_of(self.model)
        require_number(float(answers.sum()), epoch, rate, kept=epoch)
        said = face_probabilities(answers, self._classes)
        probabilities = said.labels[self._has_label]
        predicted = probabilities.argmax(axis=1)
        cells = self._cells(predicted)
        shares = [hits / n for hits, n in cells.values() if n >= LEAST_EXAMPLES]
        return Epoch(
            epoch=epoch,
            phase=self._phase.name,
            learning_rate=rate,
            loss=logs["loss"],
            accuracy=logs["accuracy"],
            val_loss=self._balanced_loss(probabilities),
            val_accuracy=float((predicted == self._true).mean()),
            score=float(np.mean(shares)) if shares else float("nan"),
            validation=cells,
            refused=self._refused(said),
            seconds=seconds,
        )

    def _balanced_loss(self, probabilities: np.ndarray) -> float:
        true = self._true
        cells = np.array([f"{s}/{t}" for s, t in zip(self._sources, true, strict=True)])
        large = [c for c in sorted(set(cells)) if (cells == c).sum() >= LEAST_EXAMPLES] or sorted(set(cells))
        losses = [cross_entropy(probabilities[cells == c], true[cells == c]) for c in large]
        return float(np.mean(losses))

    def _cells(self, predicted: np.ndarray) -> dict[str, tuple[int, int]]:
        cells = {}
        for source in sorted(set(self._sources)):
            rows = self._sources == source
            counts = confusion(self._true[rows], predicted[rows], len(self._recipe.labels))
            for index, label in enumerate(self._recipe.labels):
                if counts[index].sum():
                    cells[f"{source}/{label}"] = (int(counts[index, index]), int(counts[index].sum()))
        return cells

    def _refused(self, said: FaceProbabilities) -> dict[str, tuple[int, int]]:
        """(refused, n) of the faces that have a label, and of those of each reserved class."""
        refused = (said.not_a_face >= REFUSED_FROM) | (said.depiction >= REFUSED_FROM)
        kinds = {"faces": self._has_label} if self._classes.reserved else {}
        for index, name in enumerate(self._classes.reserved, len(self._recipe.labels)):
            kinds[name] = self._groups == index
        return {kind: (int(refused[mine].sum()), int(mine.sum())) for kind, mine in kinds.items()}


def epochs_done(run: Path) -> tuple[Epoch, ...]:
    return read_epochs(run) if (run / METRICS_FILE).exists() else ()


def checkpoint(run: Path, epoch: int) -> Path:
    """Weights and the optimizer's state after an epoch."""
    return run / CHECKPOINTS / f"epoch-{epoch:04}.weights.h5"


def keep_best(model: keras.Model, run: Path) -> None:
    """Keep the network as the run's best: the file is this one or that before, whole, whenever it is read."""
    best = run / CHECKPOINTS / BEST
    draft = best.with_name(f"draft-{BEST}")
    model.save(draft)
    draft.replace(best)


def predict(model: keras.Model, crops: np.ndarray, batch: int = 64) -> np.ndarray:
    """(N, C) probabilities of stored crops (N, S, S, 3) uint8, shrunk as serving does."""
    size = model.input_shape[1]
    parts = [
        keras.ops.convert_to_numpy(model.predict_on_batch(to_batch(list(crops[i : i + batch]), size)))
        for i in range(0, len(crops), batch)
    ]
    return np.concatenate(parts)
