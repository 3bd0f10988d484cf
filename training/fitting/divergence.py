"""A training whose loss is no number any more has nothing left to learn from, and ends."""

from __future__ import annotations

import math

import keras

from core.errors import MaskwiseError


class DivergedError(MaskwiseError):
    """A training that cannot go on. The message says where, what is kept and what to change."""


def require_number(loss: float, epoch: int, rate: float, *, kept: int) -> None:
    """Raises `DivergedError` for a loss, or a sum of answers, that is none.

    `epoch` counts from 0, `kept` epochs are recorded, `rate` is the learning rate.
    """
    if math.isfinite(loss):
        return
    before = f"The best of {kept} epochs is kept." if kept else "No epoch was done, so nothing is kept."
    raise DivergedError(
        f"In epoch {epoch + 1} the loss became {loss}, which is no number, so training has ended. {before} "
        f"The steps were too large: try a lower --learning-rate than {rate:g}, and another --output."
    )


class StopAtNoNumber(keras.callbacks.Callback):
    """Raises `DivergedError` after the batch in which it happens. `kept` epochs are recorded."""

    def __init__(self, kept: int) -> None:
        super().__init__()
        self._kept = self._epoch = kept

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._kept = self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if logs:
            require_number(logs["loss"], self._epoch, rate_of(self.model), kept=self._kept)


def rate_of(model: keras.Model) -> float:
    """The learning rate of its next step."""
    return float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
