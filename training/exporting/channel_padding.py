"""Make an ONNX graph quicker by channels of zeros: what it answers stays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

_INPUT, _WEIGHTS = 0, 1


def pad_channels(path: Path, least: int = 16) -> int:
    """Give what convolutions make, and only convolutions take, at least so many channels: new ones are 0.

    ONNX Runtime computes a convolution by blocks of channels, 16 with AVX-512; one that is given less than a
    block takes a slow way. A narrow MobileNetV2 has such bottlenecks where its pictures are largest. Rewrites
    the file. Returns how many convolutions are given more than before.
    """
    model = onnx.load(path)
    graph = _Graph(model.graph)
    padded = 0
    for first in [node.output[0] for node in model.graph.node if graph.is_plain(node)]:
        values = graph.summed_with(first)
        makers = graph.makers_of(values)
        made = {graph.weights(node).shape[0] for node in makers}
        if not values or len(made) > 1 or max(made) >= least:
            continue
        more = least - made.pop()
        for node in makers:
            for place in range(_WEIGHTS, len(node.input)):  # the bias too
                graph.pad(node, place, axis=0, more=more)
        takers = graph.takers_of(values)
        for node in takers:
            graph.pad(node, _WEIGHTS, axis=1, more=more)
        padded += len(takers)
    if padded:
        graph.forget_unused()
        onnx.save(model, path)
    return padded


class _Graph:
    """Who makes and who takes each value of a graph."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self._constants = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
        self._maker = {name: node for node in graph.node for name in node.output}
        self._takers: dict[str, list[onnx.NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self._takers.setdefault(name, []).append(node)
        self._answers = {one.name for one in graph.output}

    def is_plain(self, node: onnx.NodeProto | None) -> bool:
        """Whether it is a convolution over all channels, by constants."""
        return (
            node is not None
            and node.op_type == "Conv"
            and all(one.i == 1 for one in node.attribute if one.name == "group")
            and all(name in self._constants for name in node.input[_WEIGHTS:])
        )

    def weights(self, node: onnx.NodeProto) -> np.ndarray:
        return self._constants[node.input[_WEIGHTS]]

    def summed_with(self, first: str) -> set[str]:
        """The values that have as many channels as `first`, since they are added; none if others use one."""
        found, left = {first}, [first]
        while left:
            name = left.pop()
            maker, takers = self._maker.get(name), self._takers.get(name, [])
            sums = [node for node in takers if node.op_type == "Add"]
            if maker is not None and maker.op_type == "Add":
                sums.append(maker)
            elif not self.is_plain(maker):
                return set()
            convolutions = [node for node in takers if node.op_type != "Add"]
            if not all(self.is_plain(node) and node.input[_INPUT] == name for node in convolutions):
                return set()
            if name in self._answers:
                return set()
            new = {value for node in sums for value in (*node.input, *node.output)} - found
            found |= new
            left += new
        return found

    def makers_of(self, values: Iterable[str]) -> list[onnx.NodeProto]:
        return [self._maker[name] for name in sorted(values) if self._maker[name].op_type == "Conv"]

    def takers_of(self, values: Iterable[str]) -> list[onnx.NodeProto]:
        return [
            node for name in sorted(values) for node in self._takers.get(name, []) if node.op_type == "Conv"
        ]

    def pad(self, node: onnx.NodeProto, place: int, *, axis: int, more: int) -> None:
        """Give a node a longer constant of its own, so that others that share it keep theirs."""
        constant = self._constants[node.input[place]]
        longer = np.pad(constant, [(0, more if i == axis else 0) for i in range(constant.ndim)])
        name = f"{node.output[0]}/{node.input[place]}/padded"
        self._constants[name] = longer
        self._graph.initializer.append(numpy_helper.from_array(longer, name))
        node.input[place] = name

    def forget_unused(self) -> None:
        kept = {name for node in self._graph.node for name in node.input}
        for one in [one for one in self._graph.initializer if one.name not in kept]:
            self._graph.initializer.remove(one)
        del self._graph.value_info[:]  # shapes that were
