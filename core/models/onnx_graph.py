"""What an ONNX file holds, looked at before ONNX Runtime takes it: it may be untrusted."""

from __future__ import annotations

from math import prod

from core.errors import ModelError
from core.models.protobuf import FieldReader, numbers

MAX_NODES = 20_000
_MAX_AXES = 16
_DOMAINS = (b"", b"ai.onnx")

# Numbers of fields in onnx.proto3, whose messages these are
_GRAPH, _TRAINING, _FUNCTIONS = 7, 20, 25
_NODE, _INITIALIZER, _SPARSE_INITIALIZER = 1, 5, 15
_DOMAIN, _ATTRIBUTE = 7, 5
_TENSOR, _SUBGRAPH, _TENSORS, _SUBGRAPHS, _SPARSE, _SPARSES = 5, 6, 10, 11, 22, 23
_DIMENSIONS, _EXTERNAL_DATA, _DATA_LOCATION = 1, 13, 14


def check(graph: bytes) -> None:
    """Raises `ModelError` for what is not one graph of ONNX's own operators with all its weights in it.

    Data outside of the file could be any file of this machine. Loops may never end, functions can grow
    without bound when they are put in place, and no network for pictures needs either.
    """
    if graph[4:8] == b"ORTM":
        raise ModelError("It is in ONNX Runtime's own format, not in ONNX's.")
    try:
        _Walk().model(memoryview(graph))
    except ValueError as problem:
        raise ModelError(f"It is not an ONNX file that can be read: {problem}.") from None


class _Walk:
    def __init__(self) -> None:
        self._nodes = 0
        self._fields = FieldReader().fields

    def model(self, message: memoryview) -> None:
        graphs = 0
        for field in self._fields(message):
            if field.number == _GRAPH:
                graphs += 1
                self._graph(field.message)
            elif field.number in (_TRAINING, _FUNCTIONS):
                raise ModelError("It holds functions or training steps of its own, which are not run.")
        if graphs != 1:
            raise ValueError("it has no graph" if not graphs else "it has several graphs")

    def _graph(self, message: memoryview) -> None:
        for field in self._fields(message):
            if field.number == _NODE:
                self._node(field.message)
            elif field.number == _INITIALIZER:
                self._tensor(field.message)
            elif field.number == _SPARSE_INITIALIZER:
                raise ModelError("It holds sparse weights, which are not read.")

    def _node(self, message: memoryview) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ModelError(f"It has more than {MAX_NODES:,} nodes.")
        for field in self._fields(message):
            if field.number == _DOMAIN and bytes(field.message[:100]) not in _DOMAINS:
                raise ModelError("It has an operator that is not one of ONNX's own.")
            if field.number == _ATTRIBUTE:
                self._attribute(field.message)

    def _attribute(self, message: memoryview) -> None:
        for field in self._fields(message):
            if field.number in (_TENSOR, _TENSORS):
                self._tensor(field.message)
            elif field.number in (_SUBGRAPH, _SUBGRAPHS):
                raise ModelError("It has a loop or a branch, which are not run.")
            elif field.number in (_SPARSE, _SPARSES):
                raise ModelError("It holds sparse weights, which are not read.")

    def _tensor(self, message: memoryview) -> None:
        sides: list[int] = []
        for field in self._fields(message):
            if field.number == _EXTERNAL_DATA or (field.number == _DATA_LOCATION and field.value):
                raise ModelError(
                    "It keeps weights in another file, which is not read. Save it with its weights inside."
                )
            if field.number == _DIMENSIONS:
                sides += [field.value] if isinstance(field.value, int) else numbers(field.value, _MAX_AXES)
            if len(sides) > _MAX_AXES:
                raise ModelError(f"It names a tensor of more than {_MAX_AXES} axes.")
        if prod(sides) > 2 * len(message):  # the smallest numbers are two to a byte
            raise ModelError(f"It names a tensor of {prod(sides):,} numbers, more than it holds.")
