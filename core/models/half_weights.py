"""Weights that an ONNX file keeps in float16, made float32 before ONNX Runtime is given them.

Such a file has a `Cast` behind each, so every reader of ONNX computes in float32. ONNX Runtime would cast
them anew for each picture, as nothing is folded (`core.models.onnx_runtime`), and prepare no weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np

from core.models.protobuf import Field, FieldReader, numbers, written

# Numbers of fields in onnx.proto3, and of its types
_GRAPH, _NODE, _INITIALIZER, _INPUT, _OUTPUT = 7, 1, 5, 11, 12
_NAME = 1  # of inputs, outputs and attributes
_TAKES, _MAKES, _OPERATOR, _ATTRIBUTE, _WHOLE_NUMBER = 1, 2, 4, 5, 3
_DIMENSIONS, _TYPE, _TENSOR_NAME, _NUMBERS = 1, 2, 8, 9
_FLOAT32, _FLOAT16 = 1, 10
_MAX_AXES = 16


class _Halves(NamedTuple):
    """A weight in float16: its sides, as they lie, and its numbers."""

    name: bytes
    sides: bytes
    numbers: memoryview

    def widened(self, name: bytes) -> bytes:
        """The weight in float32 and of another name, as a field of a graph."""
        wide = np.frombuffer(self.numbers, "<f2").astype("<f4").tobytes()
        tensor = self.sides + written(_TYPE, _FLOAT32) + written(_TENSOR_NAME, name) + written(_NUMBERS, wide)
        return written(_INITIALIZER, tensor)


class _Cast(NamedTuple):
    """A node that makes float32 of one value."""

    takes: bytes
    makes: bytes


def widened(model: bytes) -> bytes:
    """The same ONNX file, with float32 in place of each float16 weight that is only cast to it.

    For what `core.models.onnx_graph.check` let pass. It grows to twice its size at most.
    """
    reader = FieldReader()
    made = []
    for field in reader.fields(memoryview(model)):
        graph = _widened(list(reader.fields(field.message)), reader) if field.number == _GRAPH else None
        made.append(field.whole if graph is None else written(_GRAPH, graph))
    return b"".join(made)


def _widened(graph: Sequence[Field], reader: FieldReader) -> bytes | None:
    """None where there is nothing to widen."""
    uses: Counter[bytes] = Counter()
    casts: dict[int, _Cast] = {}
    halves: dict[int, _Halves] = {}
    for at, field in enumerate(graph):
        if field.number not in (_NODE, _INITIALIZER, _INPUT, _OUTPUT):
            continue
        parts = list(reader.fields(field.message))
        if field.number == _NODE:
            uses.update(_all(parts, _TAKES))
            cast = _cast(parts, reader)
            casts |= {at: cast} if cast else {}
        elif field.number == _INITIALIZER:
            weight = _halves(parts)
            halves |= {at: weight} if weight else {}
        else:
            uses.update(_all(parts, _NAME))
    makes = {cast.takes: cast.makes for cast in casts.values()}
    wide = {
        at: one.widened(makes[one.name])
        for at, one in halves.items()
        if one.name in makes and uses[one.name] == 1
    }
    if not wide:
        return None
    gone = {halves[at].name for at in wide}
    left = (at for at in range(len(graph)) if at not in casts or casts[at].takes not in gone)
    return b"".join(wide.get(at) or bytes(graph[at].whole) for at in left)


def _cast(node: Sequence[Field], reader: FieldReader) -> _Cast | None:
    if _all(node, _OPERATOR) != [b"Cast"]:
        return None
    takes, makes, told = _all(node, _TAKES), _all(node, _MAKES), _all(node, _ATTRIBUTE)
    if len(takes) != 1 or len(makes) != 1 or len(told) != 1:
        return None
    attribute = list(reader.fields(memoryview(told[0])))
    to = [field.value for field in attribute if field.number == _WHOLE_NUMBER]
    return _Cast(takes[0], makes[0]) if _all(attribute, _NAME) == [b"to"] and to == [_FLOAT32] else None


def _halves(tensor: Sequence[Field]) -> _Halves | None:
    """None for a weight of another type, or that is kept in another way than exports do."""
    sides = [field for field in tensor if field.number == _DIMENSIONS]
    kind = [field.value for field in tensor if field.number == _TYPE]
    names, found = _all(tensor, _TENSOR_NAME), [field.message for field in tensor if field.number == _NUMBERS]
    if kind != [_FLOAT16] or len(names) != 1 or len(found) != 1 or len(sides) + 3 != len(tensor):
        return None
    lengths: list[int] = []
    for field in sides:
        lengths += [field.value] if isinstance(field.value, int) else numbers(field.value, _MAX_AXES)
    if 2 * prod(lengths) != len(found[0]):
        return None
    return _Halves(names[0], b"".join(field.whole for field in sides), found[0])


def _all(fields: Sequence[Field], number: int) -> list[bytes]:
    return [bytes(field.message) for field in fields if field.number == number]
