"""What this machine can do at best: operations and bytes a second, against what our networks need."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import onnx
from onnx import numpy_helper, shape_inference

from core.models import widened

_SIDE, _MEGABYTES = 2048, 64
_REPEAT = 7


def matrix_rate() -> float:
    """Floating point operations a second of a float32 matrix product, by all cores: the best of a few."""
    a = np.random.default_rng(0).random((_SIDE, _SIDE), np.float32)
    return 2 * _SIDE**3 / _best(lambda: a @ a)


def copy_rate() -> float:
    """Bytes a second of a copy that does not fit the caches: the best of a few."""
    a = np.zeros(_MEGABYTES * 2**20, np.uint8)
    b = np.empty_like(a)
    return len(a) / _best(lambda: np.copyto(b, a))


def operations(model: bytes, shape: tuple[int, int, int, int]) -> float:
    """Floating point operations of the convolutions and products of an ONNX graph, for that input.

    Two for each multiplication with its addition, as the rate of a matrix product counts them.
    """
    graph = onnx.load_from_string(widened(model))
    dims = graph.graph.input[0].type.tensor_type.shape.dim
    for dim, length in zip(dims, shape, strict=True):
        dim.dim_value = length
    graph = shape_inference.infer_shapes(graph, data_prop=True)
    sizes = {
        value.name: [d.dim_value for d in value.type.tensor_type.shape.dim]
        for value in (*graph.graph.value_info, *graph.graph.output)
    }
    weights = {one.name: numpy_helper.to_array(one).shape for one in graph.graph.initializer}
    total = 0.0
    for node in graph.graph.node:
        if node.op_type in ("Conv", "Gemm", "MatMul") and node.input[1] in weights:
            per_output = np.prod(weights[node.input[1]]) / weights[node.input[1]][_outputs_axis(node)]
            total += 2 * float(np.prod(sizes[node.output[0]])) * float(per_output)
    return total


def _outputs_axis(node: onnx.NodeProto) -> int:
    """Which axis of the weights is that of the outputs."""
    transposed = any(a.name == "transB" and a.i for a in node.attribute)
    return 0 if node.op_type == "Conv" or transposed else -1


def _best(call: Callable[[], object]) -> float:
    call()
    times = []
    for _ in range(_REPEAT):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)
