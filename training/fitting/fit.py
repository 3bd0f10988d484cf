"""Fit one network, phase by phase, from where its record ends."""

from __future__ import annotations

import logging
from pathlib import Path

import keras

from core.models import read_keras
from core.runs import drop_half_line, write_calibration
from training.data import Dataset
from training.fitting.batches import Batches, class_weights
from training.fitting.distribution import ALONE, Workers
from training.fitting.divergence import StopAtNoNumber
from training.fitting.loss import accuracy, loss_of
from training.fitting.memory import keep_freed_memory
from training.fitting.networks import set_trainable
from training.fitting.phases import epochs_left, optimizer
from training.fitting.progress import Progress
from training.fitting.recorder import BEST, CHECKPOINTS, Recorder, checkpoint, epochs_done, predict
from training.fitting.temperature import fit_temperature
from training.recipes import Recipe

log = logging.getLogger(__name__)


def fit_classifier(
    model: keras.Model,
    recipe: Recipe,
    dataset: Dataset,
    run: Path,
    *,
    pretrained: bool,
    tensorboard: bool = False,
    workers: Workers = ALONE,
) -> keras.Model:
    """Train `model` and return the best epoch's network. Goes on where the record in `run` ends.

    An interrupted run gives the epochs that an uninterrupted one gives: pictures, augmentation and dropout
    follow from seed and epoch, the rest is in the checkpoint. The temperature is fitted at the end.
    """
    (run / CHECKPOINTS).mkdir(parents=True, exist_ok=True)
    drop_half_line(run)
    done = epochs_done(run)
    resumed = bool(done)
    for phase in recipe.phases:
        done = epochs_done(run)
        left = epochs_left(phase, recipe, done)
        if left <= 0:
            continue
        first = len(done)
        batches = workers.shard(Batches(recipe, dataset.training, epoch=first, workers=2))
        set_trainable(model, phase.trains, pretrained=pretrained)
        begun = bool(done) and done[-1].phase == phase.name
        if done and not begun:  # from the last weights, where the phase before kept an average of them
            model.load_weights(checkpoint(run, first - 1))
        model.compile(
            optimizer(phase, recipe.weight_decay, len(batches)),
            loss_of(recipe),
            metrics=[accuracy()],
            # For TensorFlow, XLA takes longer to compile than it saves on a CPU; JAX is slow without it
            jit_compile=keras.backend.backend() == "jax",
        )
        if resumed and begun:
            model.optimizer.build(model.trainable_variables)
            model.load_weights(checkpoint(run, first - 1))
        resumed = False
        log.info("%s: %d epochs of %d batches", phase.name, left, len(batches))
        callbacks = [
            Recorder(run, recipe, phase, dataset.validation),
            Progress(phase.name, left, len(batches)),
            StopAtNoNumber(first),
            _KeepFreedMemory(),
        ]
        if tensorboard:
            callbacks.append(keras.callbacks.TensorBoard(str(run / "tensorboard" / phase.name)))
        model.fit(
            batches,
            initial_epoch=first,
            epochs=first + left,
            callbacks=callbacks,
            class_weight=class_weights(recipe, dataset.training),
            shuffle=False,  # `Batches` has shuffled, in a way that can be repeated
            verbose=0,
        )
    best = read_keras(run / CHECKPOINTS / BEST)
    classes = recipe.class_set
    true = classes.annotation_groups()[dataset.validation.class_indices]
    has_label = true < len(recipe.labels)
    probabilities = predict(best, dataset.validation.crops[has_label])
    write_calibration(run, fit_temperature(probabilities, true[has_label], classes))
    checkpoint(run, len(epochs_done(run)) - 1).unlink(missing_ok=True)
    return best


class _KeepFreedMemory(keras.callbacks.Callback):
    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if batch == 0:
            keep_freed_memory()
