"""Weights that take half the room: rounded to what float16 can say, while networks compute in float32."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LEAST = 1024  # numbers of a weight; what is smaller, such as a bias, stays whole
_MOST_ERROR = 2**-11  # of a weight's norm: that of float16, unless most of its numbers are too small for it


def round_weights(model: keras.Model) -> None:
    """Round a network's kernels, in place."""
    for variable in model.weights:
        halves = _halves(np.asarray(keras.ops.convert_to_numpy(variable)))
        if halves is not None:
            variable.assign(halves.astype(np.float32))


def halve_onnx(path: Path) -> None:
    """Keep an ONNX graph's kernels in float16, with a `Cast` behind each. Rewrites the file.

    Kernels that normalisation was folded into are rounded once more.
    """
    model = onnx.load(path)
    graph = model.graph
    given = {one.name for one in (*graph.input, *graph.output)}
    casts = []
    for one in graph.initializer:
        halves = _halves(numpy_helper.to_array(one))
        if halves is None or one.name in given:
            continue
        name, stored = one.name, f"{one.name}/half"
        casts.append(helper.make_node("Cast", [stored], [name], name=f"{name}/whole", to=TensorProto.FLOAT))
        one.CopyFrom(numpy_helper.from_array(halves, stored))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, path)


def pack_keras(path: Path) -> None:
    """Write a .keras file again with its parts deflated: half of each rounded number is zeros."""
    with zipfile.ZipFile(path) as archive:
        parts = [(part, archive.read(part)) for part in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for part, content in parts:
            archive.writestr(part, content, zipfile.ZIP_DEFLATED, 9)


def _halves(values: np.ndarray) -> np.ndarray | None:
    """In float16; None for what is no large kernel, or loses by it more than float16's rounding."""
    if values.dtype != np.float32 or values.ndim < 2 or values.size < LEAST:
        return None
    with np.errstate(over="ignore"):
        halves = values.astype(np.float16)
    lost = np.linalg.norm(halves.astype(np.float32) - values)  # not finite where one is too large
    return halves if lost <= _MOST_ERROR * np.linalg.norm(values) else None
