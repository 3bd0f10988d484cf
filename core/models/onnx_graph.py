"""What an ONNX file holds, looked at before ONNX Runtime takes it: it may be untrusted.

Nothing is parsed into objects here: fields are walked as they lie, so a file costs no more than its bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from core.errors import ModelError

MAX_PARTS = 500_000  # fields that are looked at; a ResNet152 has some 20,000
MAX_NODES = 20_000
_MAX_KEY, _KEY_BYTES = 2**32, 5  # of a field: what is larger or longer, other readers may cut off
_MAX_AXES = 16
_DOMAINS = (b"", b"ai.onnx")
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5  # kinds of a field, as protobuf numbers them

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
        self._parts = self._nodes = 0

    def model(self, message: memoryview) -> None:
        graphs = 0
        for number, value in self._fields(message):
            if number == _GRAPH:
                graphs += 1
                self._graph(_message(value))
            elif number in (_TRAINING, _FUNCTIONS):
                raise ModelError("It holds functions or training steps of its own, which are not run.")
        if graphs != 1:
            raise ValueError("it has no graph" if not graphs else "it has several graphs")

    def _graph(self, message: memoryview) -> None:
        for number, value in self._fields(message):
            if number == _NODE:
                self._node(_message(value))
            elif number == _INITIALIZER:
                self._tensor(_message(value))
            elif number == _SPARSE_INITIALIZER:
                raise ModelError("It holds sparse weights, which are not read.")

    def _node(self, message: memoryview) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ModelError(f"It has more than {MAX_NODES:,} nodes.")
        for number, value in self._fields(message):
            if number == _DOMAIN and bytes(_message(value)[:100]) not in _DOMAINS:
                raise ModelError("It has an operator that is not one of ONNX's own.")
            if number == _ATTRIBUTE:
                self._attribute(_message(value))

    def _attribute(self, message: memoryview) -> None:
        for number, value in self._fields(message):
            if number in (_TENSOR, _TENSORS):
                self._tensor(_message(value))
            elif number in (_SUBGRAPH, _SUBGRAPHS):
                raise ModelError("It has a loop or a branch, which are not run.")
            elif number in (_SPARSE, _SPARSES):
                raise ModelError("It holds sparse weights, which are not read.")

    def _tensor(self, message: memoryview) -> None:
        sides: list[int] = []
        for number, value in self._fields(message):
            if number == _EXTERNAL_DATA or (number == _DATA_LOCATION and value):
                raise ModelError(
                    "It keeps weights in another file, which is not read. Save it with its weights inside."
                )
            if number == _DIMENSIONS:
                sides += [value] if isinstance(value, int) else _numbers(value)
            if len(sides) > _MAX_AXES:
                raise ModelError(f"It names a tensor of more than {_MAX_AXES} axes.")
        if prod(sides) > 2 * len(message):  # the smallest numbers are two to a byte
            raise ModelError(f"It names a tensor of {prod(sides):,} numbers, more than it holds.")

    def _fields(self, message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
        """Number and value of each field: an int, or the bytes. Raises `ValueError`."""
        at = 0
        while at < len(message):
            self._parts += 1
            if self._parts > MAX_PARTS:
                raise ModelError(f"It has more than {MAX_PARTS:,} parts.")
            start = at
            key, at = _varint(message, at)
            value: memoryview | int = 0
            if key >= _MAX_KEY or at - start > _KEY_BYTES:
                raise ValueError("a field has no number")
            kind = key & 7
            if kind == _VARINT:
                value, at = _varint(message, at)
            elif kind == _BYTES:
                length, start = _varint(message, at)
                at = start + length
                value = message[start:at]
            elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
                at += 8 if kind == _EIGHT_BYTES else 4
            else:
                raise ValueError("a field is of no known kind")
            if at > len(message):
                raise ValueError("it is cut off")
            yield key >> 3, value


def _message(value: memoryview | int) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a field is of another kind than it should be")
    return value


def _numbers(packed: memoryview) -> list[int]:
    """At most one more than a tensor may have axes."""
    numbers: list[int] = []
    at = 0
    while at < len(packed) and len(numbers) <= _MAX_AXES:
        number, at = _varint(packed, at)
        numbers.append(number)
    return numbers


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The number at `at`, and where it ends. Raises `ValueError`."""
    number = 0
    for shift, byte in zip(range(0, 70, 7), message[at : at + 10], strict=False):
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number, at
    raise ValueError("it is cut off")
