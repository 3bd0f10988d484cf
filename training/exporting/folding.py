"""Make an ONNX graph answer the same with less work: what is known at export is not computed a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from core.errors import ModelError

_MOVES = ("Transpose", "Slice")  # what only moves numbers about


def fold_scale(path: Path) -> bool:
    """Move the factor by which a graph scales its pictures into its first convolution. Rewrites the file.

    Networks see pictures of 0 to 255 as x * a + b; that is a * (x + b / a), and `a` may as well be in the
    weights. What a convolution pads with stays 0 either way. True where there was such a factor.
    """
    model = onnx.load(path)
    graph = model.graph
    constants = {one.name: one for one in graph.initializer}
    users: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, []).append(node)

    def only_user(name: str) -> onnx.NodeProto | None:
        mine = users.get(name, [])
        return mine[0] if len(mine) == 1 else None

    node = only_user(graph.input[0].name)
    while node is not None and node.op_type in _MOVES:
        node = only_user(node.output[0])
    scaled = node
    shifted = only_user(scaled.output[0]) if scaled is not None and scaled.op_type == "Mul" else None
    convolution = shifted
    while convolution is not None and convolution.op_type in ("Add", *_MOVES):
        convolution = only_user(convolution.output[0])
    if scaled is None or shifted is None or shifted.op_type != "Add":
        return False
    if convolution is None or convolution.op_type != "Conv" or len(users[convolution.input[1]]) > 1:
        return False
    factor, shift, weights = (constants.get(n.input[1]) for n in (scaled, shifted, convolution))
    if factor is None or shift is None or weights is None:
        return False
    by, to = numpy_helper.to_array(factor), numpy_helper.to_array(shift)
    if by.size != 1 or to.size != 1 or not by.item() > 0:
        return False
    _replace(graph, shifted, np.asarray(to / by, np.float32), f"{shift.name}/unscaled")
    _replace(graph, convolution, numpy_helper.to_array(weights) * by.item(), f"{weights.name}/scaled")
    shifted.input[0] = scaled.input[0]
    graph.node.remove(scaled)
    kept = {name for one in graph.node for name in one.input}
    for one in [one for one in graph.initializer if one.name not in kept]:
        graph.initializer.remove(one)
    onnx.save(model, path)
    return True


def spell_out(path: Path) -> None:
    """Write what ONNX has not by what it has: erfc(x), of which Keras makes gelu, is 1 - erf(x).

    Rewrites the file. Raises `ModelError` that names another operator which ONNX has not.
    """
    model = onnx.load(path)
    nodes = []
    for node in model.graph.node:
        if node.op_type == "Erfc":
            erf, one = f"{node.output[0]}/erf", f"{node.output[0]}/one"
            model.graph.initializer.append(numpy_helper.from_array(np.array(1, np.float32), one))
            nodes.append(onnx.helper.make_node("Erf", [node.input[0]], [erf], name=erf))
            nodes.append(onnx.helper.make_node("Sub", [one, erf], [node.output[0]], name=node.name))
            continue
        if not node.domain and not onnx.defs.has(node.op_type):
            raise ModelError(
                f"The network computes {node.op_type!r}, which ONNX has not. Replace the layer that does so, "
                "and train again."
            )
        nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.save(model, path)


def _replace(graph: onnx.GraphProto, node: onnx.NodeProto, values: np.ndarray, name: str) -> None:
    """Give a node another constant as its second input."""
    graph.initializer.append(numpy_helper.from_array(values.astype(np.float32), name))
    node.input[1] = name
