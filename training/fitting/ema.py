"""The averages of a network's weights that its optimizer keeps, in place of the weights, for a while."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import numpy as np


@contextmanager
def ema_weights(model: keras.Model) -> Iterator[None]:
    """The network with the averages of its weights, if its optimizer keeps any (`use_ema`).

    Its own come back exactly, so that a resumed training is the one that was not interrupted. Keras's
    `SwapEMAWeights` swaps by adding and subtracting, which rounds.
    """
    optimizer, variables = model.optimizer, model.trainable_variables
    if not optimizer.use_ema:
        yield
        return
    own = _values(variables)
    optimizer.finalize_variable_values(variables)
    # Copies, for in JAX the optimizer's average is the very array, and predicting gives it away
    _assign(variables, _values(variables))
    try:
        yield
    finally:
        _assign(variables, own)


def _values(variables: Sequence[keras.Variable]) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]


def _assign(variables: Sequence[keras.Variable], values: Sequence[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
