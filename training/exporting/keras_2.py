"""What Keras 2 wrote of a network's architecture, in the words of Keras 3.

It is plain data of a stranger: what comes out is checked as any architecture is (`core.models.check_config`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Set
from typing import Any

import keras

from core.errors import ModelError
from core.models import ELSE_AS_ONNX, NETWORKS
from training.exporting.keras_2_operations import OPERATION_LAYERS, operation, tensor

Layer = dict[str, Any]

_ALIASES = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "FixedDropout": "Dropout",  # that of the package efficientnet
}
_ACTIVATIONS = {"softmax_v2": "softmax", "swish": "silu"}
# Settings that Keras 3 has not, by the values at which leaving them out changes nothing
_LEFT_OUT: dict[str, tuple[Any, ...]] = {
    "groups": (1,),
    "renorm": (False,),
    "virtual_batch_size": (None,),
    "force_generator": (False,),
    "implementation": (0, 1, 2),
}
_NEVER_MATTER = {
    *("rng_type", "fused", "synchronized", "batch_input_shape", "input_dim", "input_dtype", "stateful"),
    *("kernel_initializer", "kernel_regularizer", "kernel_constraint", "vectorized", "output_shape_type"),
}
MODULES_OF = {  # of layers that are not among `keras.layers`
    "LayerScale": "keras.src.applications.convnext",
    "StochasticDepth": "keras.src.applications.convnext",
    "CustomScaleLayer": "keras.src.applications.inception_resnet_v2",
}


def safe(name: str) -> str:
    """A layer's name as Keras 3 allows it: DenseNet's had slashes in Keras 2."""
    return name.replace("/", "_")


def in_keras_3(part: Layer) -> Layer:
    """The layer or network of Keras 2. Raises `ModelError`, and KeyError and its like for broken data."""
    kind: str = part["class_name"]
    name = _ALIASES.get(kind, kind)
    if name in NETWORKS:
        return _sequential(part) if name == "Sequential" else _functional(part)
    settings = {key: _setting(key, value) for key, value in part["config"].items()}
    if "name" in settings:
        settings["name"] = safe(settings["name"])
    if name == "InputLayer":
        settings["batch_shape"] = settings.pop("batch_input_shape", settings.get("batch_shape"))
    elif name in _CHANGES:
        name = _CHANGES[name](settings)
    axis = settings.get("axis")
    if name == "BatchNormalization" and isinstance(axis, list) and len(axis) == 1:
        settings["axis"] = axis[0]
    return _named(name, _known(name, settings))


def _named(name: str, settings: Layer) -> Layer:
    module = MODULES_OF.get(name, "keras" if name == "Sequential" else "keras.layers")
    registered = name if name in MODULES_OF else None
    return {"module": module, "class_name": name, "config": settings, "registered_name": registered}


def _setting(key: str, value: Any) -> Any:
    """What only training needs is not taken over: the weights come, and nothing is drawn or penalised."""
    if key.endswith("_initializer"):
        return "zeros"
    if key.endswith(("_regularizer", "_constraint")):
        return None
    if key == "dtype":
        return "float32" if isinstance(value, dict) or "float" in str(value) else value
    if key == "activation":
        return _activation(value)
    if isinstance(value, dict) and "value" in value:  # a number as Keras 2 wrote NumPy's
        return value["value"]
    return value


def _activation(value: Any) -> Any:
    if isinstance(value, dict) and value.get("class_name") == "function":
        value = value.get("config")
    if isinstance(value, dict):
        return in_keras_3(value)
    if value == "hard_sigmoid":
        raise ModelError(
            "It has the activation hard_sigmoid of Keras 2, which in Keras 3 is another function. "
            f"{ELSE_AS_ONNX}"
        )
    return _ACTIVATIONS.get(value, value) if isinstance(value, str) else value


def _leaky(settings: Layer) -> str:
    settings["negative_slope"] = float(settings.pop("alpha", settings.get("negative_slope", 0.3)))
    return "LeakyReLU"


def _thresholded(settings: Layer) -> str:
    settings["threshold"] = settings.pop("theta")
    return "ReLU"


_CHANGES: Mapping[str, Callable[[Layer], str]] = {"LeakyReLU": _leaky, "ThresholdedReLU": _thresholded}


def _known(name: str, settings: Layer) -> Layer:
    """The settings that Keras 3's layer has. Raises `ModelError` where another one matters."""
    made = getattr(keras.layers, name, None)
    if name in MODULES_OF or not isinstance(made, type):
        return settings  # refused or taken by `check_config`
    known = {"name", "trainable", "dtype", "activity_regularizer"}
    start = inspect.signature(inspect.getattr_static(made, "__init__"))
    known |= set(start.parameters) - {"self", "kwargs", "args"}
    for key in set(settings) - known:
        value = settings.pop(key)
        if key not in _NEVER_MATTER and value not in _LEFT_OUT.get(key, (None,)):
            raise ModelError(
                f"Its layer {settings.get('name')!r}, a {name}, has {key} {value!r}, which Keras 3 has not. "
                f"{ELSE_AS_ONNX}"
            )
    return settings


def _sequential(part: Layer) -> Layer:
    found = part["config"]
    before: Layer = {"name": "sequential", "layers": found} if isinstance(found, list) else found
    layers = before["layers"]
    made = [in_keras_3(layer) for layer in layers]
    shape = _shape_of(layers[0]) or before.get("build_input_shape")
    if shape and layers[0]["class_name"] != "InputLayer":
        made.insert(0, _named("InputLayer", {"batch_shape": shape, "name": "input_of_sequential"}))
    return _named("Sequential", {"name": safe(before["name"]), "layers": made})


def _shape_of(layer: Layer) -> Any:
    """What a layer, or the first one of a network, is said to be called on."""
    found = layer["config"]
    if layer["class_name"] in NETWORKS:
        return _shape_of((found if isinstance(found, list) else found["layers"])[0])
    return found.get("batch_input_shape")


def _functional(part: Layer) -> Layer:
    found = part["config"]
    networks = {layer["name"]: layer["class_name"] for layer in found["layers"]}
    networks = {name: kind for name, kind in networks.items() if kind in NETWORKS}
    layers = []
    for layer in found["layers"]:
        nodes = layer["inbound_nodes"]
        if layer["class_name"] in OPERATION_LAYERS:
            made = operation(layer, networks)
        else:
            made = in_keras_3(layer) | {"inbound_nodes": [_call(node, networks) for node in nodes]}
        layers.append(made | {"name": safe(layer["name"])})
    # Of a functional network Keras 3 itself takes off the call that Keras 2 counts more
    sequential = {name for name, kind in networks.items() if kind == "Sequential"}
    ends = {
        "input_layers": _ends(found["input_layers"], set()),
        "output_layers": _ends(found["output_layers"], sequential),
    }
    settings = {"name": safe(found["name"]), "layers": layers} | ends
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": settings,
        "registered_name": "Functional",
    }


def _call(node: Any, networks: Mapping[str, str]) -> Layer:
    sources = [node] if isinstance(node[0], str) else node
    tensors = [tensor(source, networks) for source in sources]
    named: Layer = next((source[3] for source in sources if len(source) > 3), {})
    return {"args": tensors if len(tensors) == 1 else [tensors], "kwargs": named}


def _ends(ends: Any, networks: Set[str]) -> Any:
    """The tensors at which a network begins or ends; one alone is no list of one."""
    if ends and isinstance(ends[0], str):
        ends = [ends]
    found = [[safe(name), max(0, call - (name in networks)), output] for name, call, output in ends]
    return found[0] if len(found) == 1 else found
