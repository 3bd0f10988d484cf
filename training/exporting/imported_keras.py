"""A Keras network trained elsewhere as the engines want it."""

from __future__ import annotations

import keras
import numpy as np

from core.errors import ModelError
from training.exporting.conventions import (
    GREY,
    UNKNOWN,
    Conventions,
    require_fitting,
    side_of,
    steps_to_probabilities,
)
from training.fitting import in_range

# Answers pass these as they are, or side by side
_HAND_ON = {"Activation", "Concatenate", "Dropout", "Flatten", "Identity", "Reshape", "Squeeze"}
_LINEAR = {"Conv2D", "Dense", "GlobalAveragePooling2D"}


def keras_as_ours(model: keras.Model, labels: int, how: Conventions) -> keras.Model:
    """See `training.exporting.imported_weights.as_ours`."""
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ModelError(
            f"The network has {len(model.inputs)} inputs and {len(model.outputs)} outputs, but one picture "
            "and one answer are wanted. A detector, which says where faces are, is not read."
        )
    shape = tuple(model.inputs[0].shape)
    side = side_of(shape, how.size)
    require_fitting(how, shape[3])
    faces = keras.Input((side, side, 3), name="faces")
    try:
        (answer,) = keras.tree.flatten(model(in_range(_in_channels(faces, shape[3], how), how.input_range)))
    except ValueError as problem:
        raise ModelError(f"The network does not take pictures of {side} px: {problem}.") from None
    if len(answer.shape) > 2 and all(n == 1 for n in answer.shape[1:-1]):
        answer = keras.layers.Flatten()(answer)
    if len(answer.shape) != 2:
        raise ModelError(f"The network answers {answer.shape}, but one number a label is wanted.")
    steps = steps_to_probabilities(ends_with(model), answer.shape[1], labels, how.activation)
    if steps.activation:
        answer = keras.layers.Activation(steps.activation)(answer)
    if steps.as_pair:
        answer = keras.layers.Concatenate()([keras.layers.Rescaling(-1.0, offset=1.0)(answer), answer])
    if steps.shares:
        answer = answer / keras.ops.sum(answer, axis=-1, keepdims=True)
    return keras.Model(faces, answer, name="imported")


def _in_channels(faces: keras.KerasTensor, channels: int, how: Conventions) -> keras.KerasTensor:
    if channels == 1:
        grey = keras.layers.Conv2D(1, 1, use_bias=False, trainable=False, name="grey")
        mixed = grey(faces)
        grey.set_weights([np.reshape(GREY, (1, 1, 3, 1))])
        return mixed
    return keras.ops.flip(faces, axis=-1) if how.channel_order == "bgr" else faces


def ends_with(model: keras.Model) -> str:
    """The activation that its answers come from, by Keras's name; "linear" where it is none, or `UNKNOWN`."""
    return _behind(model.outputs[0])


def _behind(answer: keras.KerasTensor) -> str:
    operation = answer._keras_history.operation
    name = type(operation).__name__
    if hasattr(operation, "layers"):
        return ends_with(operation)
    activation = getattr(operation, "activation", None)
    found = str(getattr(activation, "__name__", "linear"))
    if name in ("Softmax", "Sigmoid"):
        return name.lower()
    if found != "linear" or name in _LINEAR:
        return found
    if name not in _HAND_ON:
        return UNKNOWN
    ends = {_behind(one) for one in operation._inbound_nodes[0].input_tensors}
    return ends.pop() if len(ends) == 1 else UNKNOWN
