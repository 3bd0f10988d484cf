"""Layers of Keras 2 that stand for a function of TensorFlow, as operations of Keras 3.

Keras 2 made them of `preprocess_input` and of any arithmetic in a network: TFOpLambda and SlicingOpLambda
from TensorFlow 2.4 on, TensorFlowOpLayer before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.errors import ModelError
from core.models import ELSE_AS_ONNX
from core.text import printable

Layer = dict[str, Any]
OPERATION_LAYERS = {"TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"}
_NUMPY, _NN, _CORE, _IMAGE = (f"keras.src.ops.{name}" for name in ("numpy", "nn", "core", "image"))

# Functions of two numbers, and of one, by TensorFlow's names, those of Python's and of graphs' operators
_OF_TWO = {
    "TrueDivide": ("math.truediv", "math.divide", "realdiv"),
    "Add": ("__operators__.add", "math.add", "nn.bias_add", "addv2", "add", "biasadd"),
    "Subtract": ("__operators__.sub", "math.subtract", "sub"),
    "Multiply": ("__operators__.mul", "math.multiply", "mul"),
    "Maximum": ("math.maximum", "maximum"),
    "Minimum": ("math.minimum", "minimum"),
    "Power": ("math.pow", "pow"),
}
_OF_ONE = {
    _NUMPY: {
        "Absolute": ("math.abs", "abs"),
        "Exp": ("math.exp", "exp"),
        "Log": ("math.log", "log"),
        "Negative": ("math.negative", "neg"),
        "Sqrt": ("math.sqrt", "sqrt"),
        "Square": ("math.square", "square"),
        "Tanh": ("math.tanh", "nn.tanh", "tanh"),
    },
    _NN: {
        "Relu": ("nn.relu", "relu"),
        "Relu6": ("nn.relu6", "relu6"),
        "Elu": ("nn.elu", "elu"),
        "Selu": ("nn.selu", "selu"),
        "Sigmoid": ("math.sigmoid", "nn.sigmoid", "sigmoid"),
        "Silu": ("nn.silu", "nn.swish"),
        "Softplus": ("math.softplus", "nn.softplus", "softplus"),
    },
}
_REDUCES = {f"math.reduce_{name.lower()}": name for name in ("Mean", "Max", "Min", "Sum")}
_CONSTANT = "_CONSTANT_VALUE"

_TWO = {name: op for op, names in _OF_TWO.items() for name in names}
_ONE = {name: (module, op) for module, ops in _OF_ONE.items() for op, names in ops.items() for name in names}
# Functions with settings: module, operation, its settings of those of TensorFlow's
_WITH_SETTINGS: Mapping[str, tuple[str, str, Callable[[Layer], Layer]]] = {
    "nn.gelu": (_NN, "Gelu", lambda s: {"approximate": s.get("approximate", False)}),
    "nn.leaky_relu": (_NN, "LeakyRelu", lambda s: {"negative_slope": s.get("alpha", 0.2)}),
    "nn.softmax": (_NN, "Softmax", lambda s: {"axis": -1 if s.get("axis") is None else s["axis"]}),
    "cast": (_CORE, "Cast", lambda s: {"dtype": s["dtype"]}),
    "clip_by_value": (
        _NUMPY,
        "Clip",
        lambda s: {"x_min": s["clip_value_min"], "x_max": s["clip_value_max"]},
    ),
    "concat": (_NUMPY, "Concatenate", lambda s: {"axis": s["axis"]}),
    "stack": (_NUMPY, "Stack", lambda s: {"axis": s.get("axis", 0)}),
    "expand_dims": (_NUMPY, "ExpandDims", lambda s: {"axis": s["axis"]}),
    "squeeze": (_NUMPY, "Squeeze", lambda s: {"axis": s.get("axis")}),
    "reshape": (_NUMPY, "Reshape", lambda s: {"newshape": s["shape"]}),
    "reverse": (_NUMPY, "Flip", lambda s: {"axis": s["axis"]}),
    "transpose": (_NUMPY, "Transpose", lambda s: {"axes": s.get("perm")}),
    "image.resize": (
        _IMAGE,
        "Resize",
        lambda s: {"size": s["size"], "interpolation": s.get("method", "bilinear")},
    ),
    "image.rgb_to_grayscale": (_IMAGE, "RGBToGrayscale", lambda _: {}),
} | {
    name: (_NUMPY, op, lambda s: {"axis": s.get("axis"), "keepdims": bool(s.get("keepdims"))})
    for name, op in _REDUCES.items()
}


def tensor(source: Sequence[Any], networks: Mapping[str, str]) -> Layer:
    """What a layer is called on: a layer's name, which of its calls, which of its outputs.

    Keras 2 counts a network's making as the first call of it.
    """
    name, call, output = source[:3]
    history = [name.replace("/", "_"), max(0, call - (name in networks)), output]
    config = {"shape": [None], "dtype": "float32", "keras_history": history}
    return {"class_name": "__keras_tensor__", "config": config}


def operation(layer: Layer, networks: Mapping[str, str]) -> Layer:
    """The layer as Keras 3 writes an operation. Raises `ModelError` where it is none of those known here."""
    if layer["class_name"] == "TensorFlowOpLayer":
        function, calls = _of_graph(layer, networks)
    else:
        function = layer["config"]["function"]
        calls = [_arguments(node, networks) for node in layer["inbound_nodes"]]
    made = [_made(function, args, settings) for args, settings in calls]
    module, name, settings, _ = made[0]
    return {
        "module": module,
        "class_name": name,
        "config": {"name": layer["name"].replace("/", "_")} | settings,
        "registered_name": name,
        "inbound_nodes": [{"args": args, "kwargs": {}} for *_, args in made],
    }


def _made(function: str, args: list[Any], settings: Layer) -> tuple[str, str, Layer, list[Any]]:
    """Module, name and settings of an operation, and what it is called on."""
    if function in _TWO:
        second = next((settings[key] for key in ("y", "bias", "value") if key in settings), None)
        return _NUMPY, _TWO[function], {}, [*args, *([] if second is None else [_value(second)])]
    if function in _ONE:
        return *_ONE[function], {}, args
    if function == "__operators__.getitem":
        return _NUMPY, "GetItem", {}, [*args, [_part(part) for part in settings["slice_spec"]]]
    if function in _WITH_SETTINGS:
        module, name, said = _WITH_SETTINGS[function]
        return module, name, said(settings), args
    raise ModelError(
        f"It computes {printable(str(function))!r} of TensorFlow, which is not read. {ELSE_AS_ONNX}"
    )


def _arguments(node: Any, networks: Mapping[str, str]) -> tuple[list[Any], Layer]:
    """What a function of Keras 2 is called on, and its further arguments, tensors among them."""

    def of(source: Any) -> Any:
        return _value(source[2]) if source[0] == _CONSTANT else tensor(source, networks)

    first = node if isinstance(node[0], str) else node[0]
    settings = {
        key: tensor(value, networks) if _is_tensor(value) else value
        for key, value in (first[3] if len(first) > 3 else {}).items()
    }
    return [of(node) if isinstance(node[0], str) else [of(source) for source in node]], settings


def _is_tensor(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and isinstance(value[0], str)


def _value(value: Any) -> Any:
    """A number, or numbers as Keras 3 writes an array."""
    if isinstance(value, list):
        return {"class_name": "__numpy__", "config": {"value": value, "dtype": "float32"}}
    return value


def _part(part: Any) -> Any:
    """One of what stands in square brackets."""
    if not isinstance(part, dict):
        return part
    if part.get("class_name") == "__ellipsis__":
        return {"class_name": "__ellipsis__", "config": {}}
    ends = part.get("config", part)
    return _slice(*(ends[key] for key in ("start", "stop", "step")))


def _slice(start: Any, stop: Any, step: Any) -> Layer:
    return {"class_name": "__slice__", "config": {"start": start, "stop": stop, "step": step}}


def _of_graph(layer: Layer, networks: Mapping[str, str]) -> tuple[str, list[tuple[list[Any], Layer]]]:
    """An operator of a graph, with its constant inputs by place, and what it is called on."""
    said = layer["config"]["node_def"]
    node = json.loads(said) if isinstance(said, str) else said
    constants = {int(place): value for place, value in (layer["config"].get("constants") or {}).items()}
    calls = []
    for sources in layer["inbound_nodes"]:
        sources = [sources] if isinstance(sources[0], str) else sources
        tensors = iter([tensor(source, networks) for source in sources])
        n = len(sources) + len(constants)
        if node["op"] == "StridedSlice":
            calls.append(([next(tensors)], {"slice_spec": _strided(node, constants)}))
        else:
            args = [_value(constants[at]) if at in constants else next(tensors) for at in range(n)]
            calls.append((args, {}))
    function = "__operators__.getitem" if node["op"] == "StridedSlice" else node["op"].lower()
    return function, calls


def _strided(node: Layer, constants: Mapping[int, Any]) -> list[Any]:
    begin, end, strides = (constants[at] for at in (1, 2, 3))
    masks = {
        mask: int(node.get("attr", {}).get(mask, {}).get("i", 0))
        for mask in ("begin_mask", "end_mask", "ellipsis_mask", "shrink_axis_mask", "new_axis_mask")
    }

    def part(at: int) -> Any:
        has = {mask: bool(bits >> at & 1) for mask, bits in masks.items()}
        if has["ellipsis_mask"]:
            return {"class_name": "__ellipsis__"}
        if has["new_axis_mask"]:
            return None
        if has["shrink_axis_mask"]:
            return begin[at]
        ends = None if has["begin_mask"] else begin[at], None if has["end_mask"] else end[at]
        return dict(zip(("start", "stop", "step"), (*ends, strides[at]), strict=True))

    return [part(at) for at in range(len(begin))]
