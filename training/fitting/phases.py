"""A phase's optimizer, and which phase comes next: all of it follows from the record, so a run can resume."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from core.runs import Epoch
from training.recipes import Phase, Recipe


def optimizer(
    phase: Phase, weight_decay: float, steps_per_epoch: int, **options: Any
) -> keras.optimizers.Optimizer:
    """A phase's optimizer; `options` as for Keras's own."""
    rate = _rate(phase, steps_per_epoch)
    if phase.ema_span:
        over = phase.ema_span * phase.epochs * steps_per_epoch
        options |= {"use_ema": True, "ema_momentum": max(0.0, 1 - 1 / over)}
    match phase.optimizer:
        case "adamw":
            return keras.optimizers.AdamW(rate, weight_decay=weight_decay, **options)
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, **options)
        case _:
            return keras.optimizers.Adam(rate, **options)


def _rate(phase: Phase, steps_per_epoch: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    steps = phase.epochs * steps_per_epoch
    match phase.schedule:
        case "cosine":
            warm_up = max(1, steps // 20)
            return keras.optimizers.schedules.CosineDecay(
                phase.learning_rate / 20,
                max(1, steps - warm_up),
                alpha=0.01,
                warmup_target=phase.learning_rate,
                warmup_steps=warm_up,
            )
        case "inverse_time":
            decay = phase.learning_rate / phase.epochs
            return keras.optimizers.schedules.InverseTimeDecay(phase.learning_rate, 1, decay)
        case _:
            return phase.learning_rate


def epochs_left(phase: Phase, recipe: Recipe, done: Sequence[Epoch]) -> int:
    """How many epochs a phase still has: none after `patience` of them without a new best `val_loss`."""
    losses = [epoch.val_loss for epoch in done]
    mine = sum(epoch.phase == phase.name for epoch in done)
    stale = min(mine, len(losses) - 1 - losses.index(min(losses))) if losses else 0
    return 0 if stale >= recipe.patience else phase.epochs - mine
