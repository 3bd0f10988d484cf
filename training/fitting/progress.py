"""How far a training is and how long it still takes."""

from __future__ import annotations

import keras
from tqdm import tqdm


class Progress(keras.callbacks.Callback):
    """One bar over all steps of a phase, with the time left; only on a terminal."""

    def __init__(self, phase: str, epochs: int, steps_per_epoch: int) -> None:
        super().__init__()
        self._bar = tqdm(desc=phase, total=epochs * steps_per_epoch, unit="batch", disable=None)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if logs:
            self._bar.set_postfix(loss=f"{logs['loss']:.3f}", refresh=False)
        self._bar.update()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self._bar.close()
