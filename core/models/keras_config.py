"""What a Keras network's architecture, which is JSON, may say: arithmetic of a bounded size, and no code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import Any

from core.errors import ModelError

MAX_CONFIG_BYTES = 16 * 2**20  # that of InceptionV3 has 0.2 MB
MAX_UNITS = 16_384  # four times the widest layer of VGG: a layer of more would only fill the memory
MAX_LAYERS = 3_000  # three times those of NASNet
MAX_NUMBERS = 2**27  # of one picture between two layers, 0.5 GB; VGG has 3 million

# Layers by where Keras keeps them: arithmetic only. None calls, loads or reads what its config names
_FAMILIES = re.compile(
    r"keras\.src\.layers\.(activations|convolutional|merging|normalization|pooling|regularization|reshaping"
    r"|preprocessing\.image_preprocessing)\."
)
_FURTHER_LAYERS = {
    *("InputLayer", "Dense", "Identity", "Rescaling", "Normalization"),
    *("CustomScaleLayer", "LayerScale", "StochasticDepth"),  # of InceptionResNetV2 and ConvNeXt
}
_OF_KERAS = re.compile(r"keras(\.\w+)*")
NETWORKS = {"Functional", "Sequential", "Model"}
# What activations, `preprocess_input` and arithmetic leave in a graph; none that calls a function
_OPERATIONS = {
    *("Absolute", "Add", "Amax", "Amin", "Average", "Cast", "Clip", "Concatenate", "Divide", "Exp"),
    *("ExpandDims", "Flip", "GetItem", "Log", "Max", "Maximum", "Mean", "Min", "Minimum", "Multiply"),
    *("Negative", "Pad", "Power", "Reciprocal", "Reshape", "Resize", "RGBToGrayscale", "Rsqrt", "Sqrt"),
    *("Square", "Squeeze", "Stack", "Std", "Subtract", "Sum", "Transpose", "TrueDivide", "Var"),
    *("Celu", "Elu", "Gelu", "HardSigmoid", "HardSilu", "HardTanh", "LeakyRelu", "LogSigmoid", "LogSoftmax"),
    *("Mish", "ReLU", "Relu", "Relu6", "Selu", "Sigmoid", "Silu", "Softmax", "Softplus", "Softsign", "Tanh"),
}
_DATA = {
    *("__keras_tensor__", "__tuple__", "__slice__", "__ellipsis__", "__tensor__", "__numpy__"),
    *("TensorShape", "DTypePolicy", "Policy"),
}
_COUNTS = (
    *("units", "filters", "depth_multiplier", "kernel_size", "pool_size", "strides", "dilation_rate"),
    *("size", "padding", "output_padding", "cropping", "height", "width", "groups", "rank", "n"),
    *("projection_dim", "pad_width"),
)
ELSE_AS_ONNX = (
    "Where it was trained, write the network as ONNX, which is read too: in Keras 3 by "
    "model.export('network.onnx', format='onnx'), in Keras 2 by python -m tf2onnx.convert --keras FILE "
    "--output network.onnx."
)


def check_config(config: Any) -> None:
    """Raises `ModelError` for a part that may hold code, and for a layer larger than any memory."""
    layers, others = _allowed()
    count = 0
    for part in dictionaries(config):
        _check_sizes(part)
        name = part.get("class_name")
        if name is None:
            continue
        module = part.get("module") or "keras"
        if (
            name not in layers | others
            or not _OF_KERAS.fullmatch(str(module))
            or part.get("registered_name") not in (None, name)
        ):
            raise ModelError(_why_not(name, module))
        count += name in layers
        if count > MAX_LAYERS:
            raise ModelError(f"It has more than the {MAX_LAYERS:,} layers allowed.")


def _why_not(name: Any, module: Any) -> str:
    """Why a part is not loaded, and what to do about it."""
    if name in ("Lambda", "__lambda__"):
        return (
            f"It has a part {name!r} of {module!r}, which may hold code, so it is not loaded. Where it was "
            "trained, build the same network with a layer of Keras's own in its place (Rescaling, Resizing, "
            "...), give it the weights by set_weights(model.get_weights()), and save that."
        )
    of_keras = isinstance(name, str) and _OF_KERAS.fullmatch(str(module))
    if of_keras and name in _names_in_keras() - _allowed()[0]:
        return f"It has a layer {name!r}, which is not read. {ELSE_AS_ONNX}"
    return (
        f"It has a part {name!r} of {module!r}, which is none that is read: it may hold code, so it is not "
        f"loaded. {ELSE_AS_ONNX}"
    )


def dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary in plain data, outer ones first."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from dictionaries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from dictionaries(inner)


def _check_sizes(part: dict[str, Any]) -> None:
    for field, value in part.items():
        if field in _COUNTS:
            largest = max(_numbers(value), default=0)
            if largest > MAX_UNITS:
                raise ModelError(f"A layer of {largest:g} {field} is more than the {MAX_UNITS} allowed.")
        elif "shape" in field and _largest(value) > MAX_NUMBERS:
            raise ModelError(f"A layer's {field} is of more than the {MAX_NUMBERS:,} numbers allowed.")


def _largest(shapes: Any) -> float:
    """How many numbers a shape has, or the largest of several."""
    if not isinstance(shapes, list):
        return 0
    sides = prod(max(1, n) for n in _numbers([n for n in shapes if not isinstance(n, list)]))
    return max(sides, *map(_largest, shapes)) if shapes else 0


def _numbers(value: Any) -> Iterator[float]:
    """Those in a number, a list or a nested one; a NaN counts as without end."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value if value == value else float("inf")
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner)


def _allowed() -> tuple[set[str], set[str]]:
    """Names of layers, and of what else an architecture is made of."""
    import keras

    layers = {
        name
        for name, cls in vars(keras.layers).items()
        if isinstance(cls, type) and _FAMILIES.match(cls.__module__)
    }
    helpers = {
        name
        for module in (keras.initializers, keras.regularizers, keras.constraints)
        for name, cls in vars(module).items()
        if isinstance(cls, type)
    }
    return layers | _FURTHER_LAYERS | NETWORKS, helpers | _OPERATIONS | _DATA


def _names_in_keras() -> set[str]:
    import keras

    return {name for name, cls in vars(keras.layers).items() if isinstance(cls, type)}
