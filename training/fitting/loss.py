"""The loss of faces of which the label is known but not always the class."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from training.recipes import Recipe

_TINY = 1e-30  # a probability that a softmax in float32 can tell from 0


class PartialLabelLoss(keras.losses.Loss):  # type: ignore[misc]  # Keras has no types
    """-log of the sum of the probabilities of the classes that a face may be, with label smoothing.

    Targets (N, C) are 1 for each of these. The maximum likelihood of Jin and Ghahramani, "Learning with
    Multiple Labels" (NIPS 2002), which Feng et al., "Provably Consistent Partial-Label Learning" (NeurIPS
    2020), show to be consistent. `smoothing` (C,) adds up to the part of the target that is spread over
    classes, as Szegedy et al. (2016) do evenly. For one class each it is the usual cross-entropy.
    """

    def __init__(self, smoothing: np.ndarray, **options: Any) -> None:
        super().__init__(**options)
        self._smoothing = np.asarray(smoothing, np.float32)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        ops = keras.ops
        possible = ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)
        of_all = ops.sum(self._smoothing * ops.log(ops.maximum(y_pred, _TINY)), axis=-1)
        return -(1 - self._smoothing.sum()) * ops.log(ops.maximum(possible, _TINY)) - of_all

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "smoothing": self._smoothing.tolist()}


def is_possible(y_true: Any, y_pred: Any) -> Any:
    """(N,) 1 where the most probable class is one that the face may be."""
    best = keras.ops.one_hot(keras.ops.argmax(y_pred, axis=-1), y_pred.shape[-1])
    return keras.ops.sum(best * keras.ops.cast(y_true, best.dtype), axis=-1)


def smoothing(recipe: Recipe) -> np.ndarray:
    """(C,) the recipe's label smoothing: labels share it evenly, and the classes of a label their part."""
    table = recipe.class_set.group_table()
    return np.asarray((table / table.sum(axis=0)).sum(axis=1) * recipe.label_smoothing / table.shape[1])


def loss_of(recipe: Recipe) -> keras.losses.Loss:
    if recipe.classes:
        return PartialLabelLoss(smoothing(recipe))
    return keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)


def accuracy() -> keras.metrics.Metric:
    """How often `is_possible`; of one class a face the usual accuracy."""
    return keras.metrics.MeanMetricWrapper(is_possible, name="accuracy")
