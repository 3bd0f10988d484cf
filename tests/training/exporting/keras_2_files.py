"""Files as Keras 2 wrote them, made of a network of Keras 3 with layers of the same names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

Layer = dict[str, Any]


def layer(kind: str, name: str, sources: Any = (), **settings: Any) -> Layer:
    """One layer; `sources` names what it is called on, or is its nodes where these are not that plain."""
    nodes = (
        [[[source, 0, 0, {}] for source in sources]] if sources and isinstance(sources[0], str) else sources
    )
    config = {"name": name, "trainable": True, "dtype": "float32"} | settings
    return {"class_name": kind, "name": name, "config": config, "inbound_nodes": list(nodes)}


def picture(side: int = 16, channels: int = 3) -> Layer:
    return layer("InputLayer", "picture", batch_input_shape=[None, side, side, channels], sparse=False)


def conv(name: str, source: Any, filters: int = 2, **settings: Any) -> Layer:
    """A convolution with what TF 2.2 said of its start, which Keras 3 does not know."""
    return layer(
        "Conv2D",
        name,
        [source] if isinstance(source, str) else source,
        filters=filters,
        kernel_size=[3, 3],
        strides=[1, 1],
        padding="valid",
        groups=1,
        kernel_initializer={"class_name": "GlorotUniform", "config": {"seed": None, "dtype": "float32"}},
        bias_initializer={"class_name": "Zeros", "config": {"dtype": "float32"}},
        **settings,
    )


def mean(source: str) -> Layer:
    return layer("GlobalAveragePooling2D", "mean", [source], data_format="channels_last")


def functional(layers: Sequence[Layer], last: str, name: str = "model") -> Layer:
    return {
        "class_name": "Functional",
        "config": {
            "name": name,
            "layers": list(layers),
            "input_layers": [[layers[0]["name"], 0, 0]],
            "output_layers": [[last, 0, 0]],
        },
    }


def sequential(layers: Sequence[Layer], name: str = "model") -> Layer:
    return {
        "class_name": "Sequential",
        "config": {
            "name": name,
            "layers": [{key: one[key] for key in ("class_name", "config")} for one in layers],
        },
    }


def write(
    path: Path, config: Layer, weights: dict[str, dict[str, np.ndarray]], version: str = "2.4.0"
) -> Path:
    """An HDF5 file with that architecture and, by layer, arrays by their names in Keras 2."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = version
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode() for name in weights]
        for name, arrays in weights.items():
            of_layer = group.create_group(name)
            of_layer.attrs["weight_names"] = [array.encode() for array in arrays]
            for array, values in arrays.items():
                of_layer[array] = values
    return path


def random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng((seed, *shape)).normal(0, 0.5, shape).astype(np.float32)


def conv_weights(name: str, inputs: int, filters: int = 2, seed: int = 0) -> dict[str, np.ndarray]:
    return {
        f"{name}/kernel:0": random(3, 3, inputs, filters, seed=seed),
        f"{name}/bias:0": random(filters, seed=seed),
    }


def pictures(n: int = 2, side: int = 16, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(7).uniform(0, 255, (n, side, side, channels)).astype(np.float32)


def convolved(x: np.ndarray, arrays: dict[str, np.ndarray], **settings: Any) -> np.ndarray:
    """What a convolution with those arrays, a kernel and a bias, makes of (N, H, W, C)."""
    kernel, bias = arrays.values()
    made = keras.ops.conv(np.asarray(x, np.float32), kernel, padding="valid", **settings)
    return np.asarray(np.asarray(made) + bias)
