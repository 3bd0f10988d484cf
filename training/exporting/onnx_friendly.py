"""A network's layers told to compute what they do by means that ONNX's writer knows, in place.

The numbers stay; only how TensorFlow's graph comes to them changes.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import keras


def make_onnx_friendly(model: keras.Model) -> None:
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Normalization) and layer.mean is not None:
            # A tensor would become an input of the graph
            layer.mean, layer.variance = map(keras.ops.convert_to_numpy, (layer.mean, layer.variance))
        if isinstance(layer, keras.layers.Conv2D) and layer.groups > 1:
            # Keras compiles it for a CPU, into a function that no graph can be read from
            layer.convolution_op = partial(_in_groups, layer)


def _in_groups(layer: Any, inputs: Any, kernel: Any) -> Any:
    """A convolution in groups; of one channel each it is a depthwise one."""
    options = {
        "strides": tuple(layer.strides),
        "padding": layer.padding,
        "dilation_rate": layer.dilation_rate,
        "data_format": layer.data_format,
    }
    ops, kernel = keras.ops, keras.ops.convert_to_tensor(kernel)
    if kernel.shape[2] == 1:
        depthwise = ops.reshape(kernel, (*kernel.shape[:2], layer.groups, -1))
        return ops.depthwise_conv(inputs, depthwise, **options)
    parts = ops.split(inputs, layer.groups, axis=-1), ops.split(kernel, layer.groups, axis=-1)
    return ops.concatenate([ops.conv(x, k, **options) for x, k in zip(*parts, strict=True)], axis=-1)
