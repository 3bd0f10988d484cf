"""An ONNX network trained elsewhere as the engine wants it: nodes before and behind its graph.

Its file is looked at before it is parsed (`core.models.onnx_graph`); nothing is run but by ONNX Runtime.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, numpy_helper

from core.errors import ModelError
from core.models import onnx_graph
from training.exporting.conventions import (
    GREY,
    UNKNOWN,
    Conventions,
    Steps,
    require_fitting,
    side_of,
    steps_to_probabilities,
)
from training.fitting import VALUES

_OLDEST = 7  # the version of operators from which the nodes added here are the same
_NUMBERS = {
    TensorProto.FLOAT,
    TensorProto.FLOAT16,
    TensorProto.DOUBLE,
    TensorProto.UINT8,
}
_HAND_ON = {
    "Identity",
    "Flatten",
    "Reshape",
    "Squeeze",
    "Cast",
    "Dropout",
    "DequantizeLinear",
    "QuantizeLinear",
}
_LINEAR = {"Gemm", "MatMul", "Add", "Conv", "GlobalAveragePool", "ReduceMean"}
OUR_INPUT, OUR_OUTPUT = "faces", "probabilities"


def load_onnx(content: bytes) -> onnx.ModelProto:
    """Raises `ModelError`, and exceptions of ONNX's own kinds for a broken file."""
    onnx_graph.check(content)
    model = onnx.load_from_string(content)
    for each in model.opset_import:
        if each.domain in ("", "ai.onnx") and each.version < _OLDEST:
            raise ModelError(
                f"It is of ONNX's operators {each.version}, and {_OLDEST} or newer is wanted. Write it again "
                "with opset_version=17."
            )
    return model


def onnx_as_ours(model: onnx.ModelProto, labels: int, how: Conventions) -> onnx.ModelProto:
    """See `training.exporting.imported_weights.as_ours`."""
    ours: onnx.ModelProto = compose.add_prefix(model, "theirs/")  # a copy, whose names are not ours
    ours.ir_version = max(ours.ir_version, 4)  # from which constants are no inputs
    graph = ours.graph
    theirs, answer = _ends(graph)
    shape = _shape(theirs)
    channels_first = len(shape) == 4 and shape[1] in (1, 3) and shape[3] not in (1, 3)
    shown = (shape[0], shape[2], shape[3], shape[1]) if channels_first else shape
    side = side_of(shown, how.size)
    require_fitting(how, shown[3] or 3)
    kind = theirs.type.tensor_type.elem_type
    if kind not in _NUMBERS:
        raise ModelError("The network takes other values than pictures have. Give one of float32 or uint8.")
    if kind == TensorProto.UINT8 and how.input_range != "0,255":
        raise ModelError("The network takes whole numbers of 0 to 255. Give --input-range=0,255.")
    if shape[0] is not None:
        _free_batch(graph)
    given = [n for n in _shape(answer)[1:] if n != 1] or _shape(answer)[1:2]
    answers = labels if not given or given[-1] is None else given[-1]
    said = _before_quantising(graph, answer.name)
    steps = steps_to_probabilities(_ends_with(graph, said), answers, labels, how.activation)
    fed, behind = _Nodes(OUR_INPUT), _Nodes(said)
    _feed(fed, how, shown[3] or 3, channels_first, kind, theirs.name)
    _answer(behind, steps, answers)
    kept = list(graph.node)
    del graph.node[:], graph.input[:], graph.output[:], graph.value_info[:]
    graph.node.extend([*fed.nodes, *kept, *behind.nodes])
    graph.initializer.extend([*fed.constants, *behind.constants])
    graph.input.append(helper.make_tensor_value_info(OUR_INPUT, TensorProto.FLOAT, ["N", side, side, 3]))
    graph.output.append(helper.make_tensor_value_info(OUR_OUTPUT, TensorProto.FLOAT, ["N", labels]))
    return ours


class _Nodes:
    """Nodes to add, each on the answer of the one before, and their constants."""

    def __init__(self, start: str) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.at, self._named = start, f"maskwise/{start}"

    def add(self, kind: str, *inputs: str, to: str = "", **settings: Any) -> None:
        name = to or f"{self._named}/{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, [self.at, *inputs], [name], name=name, **settings))
        self.at = name

    def cast(self, kind: int, to: str = "") -> None:
        name = to or f"{self._named}/cast"
        self.nodes.append(helper.make_node("Cast", [self.at], [name], name=f"{self._named}/Cast", to=kind))
        self.at = name

    def constant(self, values: Any, kind: type = np.float32) -> str:
        name = f"{self._named}/constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name


def _feed(nodes: _Nodes, how: Conventions, channels: int, channels_first: bool, kind: int, to: str) -> None:
    """From faces (N, S, S, 3) float32, 0 to 255 RGB, to what the network takes as `to`."""
    values = VALUES[how.input_range]
    if channels == 1:
        nodes.add("MatMul", nodes.constant(np.reshape(GREY, (3, 1))))
    elif values.reversed != (how.channel_order == "bgr"):
        nodes.add("Gather", nodes.constant([2, 1, 0], np.int64), axis=3)
    if values.scale != 1:
        nodes.add("Mul", nodes.constant(values.scale))
    if values.offset != 0:
        nodes.add("Add", nodes.constant(values.offset))
    if channels_first:
        nodes.add("Transpose", perm=[0, 3, 1, 2])
    if kind == TensorProto.UINT8:
        nodes.add("Add", nodes.constant(0.5))
        nodes.add("Floor")
    nodes.cast(kind, to)


def _answer(nodes: _Nodes, steps: Steps, answers: int) -> None:
    """From what the network answers to probabilities."""
    nodes.cast(TensorProto.FLOAT)
    nodes.add("Flatten", axis=1)
    if steps.activation == "softmax":
        nodes.add("Softmax", axis=1)
    elif steps.activation == "sigmoid":
        nodes.add("Sigmoid")
    if steps.as_pair:
        nodes.add("MatMul", nodes.constant([[-1.0, 1.0]]))
        nodes.add("Add", nodes.constant([1.0, 0.0]))
    if steps.shares:
        each = nodes.at
        nodes.add("MatMul", nodes.constant(np.ones((answers, answers))))
        total, nodes.at = nodes.at, each
        nodes.add("Div", total)
    nodes.add("Identity", to=OUR_OUTPUT)


def _ends(graph: onnx.GraphProto) -> tuple[onnx.ValueInfoProto, onnx.ValueInfoProto]:
    constants = {one.name for one in graph.initializer}
    inputs = [one for one in graph.input if one.name not in constants]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise ModelError(
            f"The network has {len(inputs)} inputs and {len(graph.output)} outputs, but one picture and one "
            "answer are wanted. A detector, which says where faces are, is not read."
        )
    return inputs[0], graph.output[0]


def _shape(value: onnx.ValueInfoProto) -> tuple[int | None, ...]:
    sides = value.type.tensor_type.shape.dim
    return tuple(side.dim_value if side.dim_value > 0 else None for side in sides)


def _free_batch(graph: onnx.GraphProto) -> None:
    """Let a graph for a fixed number of pictures take any, as far as its reshapes say that number."""
    constants = {one.name: one for one in graph.initializer}
    made = {out: node for node in graph.node if node.op_type == "Constant" for out in node.output}
    for node in graph.node:
        if node.op_type != "Reshape":
            continue
        held = constants.get(node.input[1])
        if held is None and node.input[1] in made:
            held = next((a.t for a in made[node.input[1]].attribute if a.name == "value"), None)
        if held is None:
            continue
        shape = numpy_helper.to_array(held).copy()
        if shape.size > 1 and shape[0] > 0:
            shape[0] = 0 if (shape == -1).any() else -1
            name = f"maskwise/shape/{node.output[0]}"  # others may use the same constant
            graph.initializer.append(numpy_helper.from_array(shape, name))
            node.input[1] = name


def _before_quantising(graph: onnx.GraphProto, answer: str) -> str:
    """The answer as numbers, where a quantised network makes steps of 1/256 of it at the end."""
    for node in reversed(graph.node):
        if node.op_type == "QuantizeLinear" and node.output[0] == answer:
            answer = str(node.input[0])
    return answer


def _ends_with(graph: onnx.GraphProto, answer: str) -> str:
    """The activation that the answer comes from, by Keras's name; "linear" where it is none."""
    made = {out: node for node in graph.node for out in node.output}
    while answer in made:
        node = made[answer]
        if node.op_type in ("Softmax", "Sigmoid"):
            return str(node.op_type).lower()
        if node.op_type in _LINEAR:
            return "linear"
        if node.op_type not in _HAND_ON:
            return UNKNOWN
        answer = str(node.input[0])
    return UNKNOWN
