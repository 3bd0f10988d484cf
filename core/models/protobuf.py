"""Fields of protobuf messages, as they lie: nothing is parsed into objects, so a file costs no more than its
bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from core.errors import ModelError

MAX_PARTS = 500_000  # fields that are looked at; a ResNet152 has some 20,000
_MAX_KEY, _KEY_BYTES = 2**32, 5  # of a field: what is larger or longer, other readers may cut off
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5  # kinds of a field, as protobuf numbers them


class Field(NamedTuple):
    """`whole` is the field as it lies, with its number."""

    number: int
    value: memoryview | int
    whole: memoryview

    @property
    def message(self) -> memoryview:
        """Raises `ValueError` for a number."""
        if isinstance(self.value, int):
            raise ValueError("a field is of another kind than it should be")
        return self.value


class FieldReader:
    """Reads the messages of one file, of `MAX_PARTS` fields at most."""

    def __init__(self) -> None:
        self._parts = 0

    def fields(self, message: memoryview) -> Iterator[Field]:
        """Raises `ValueError` for what is no message, and `ModelError` for too many parts."""
        at = 0
        while at < len(message):
            self._parts += 1
            if self._parts > MAX_PARTS:
                raise ModelError(f"It has more than {MAX_PARTS:,} parts.")
            begin = at
            key, at = _varint(message, at)
            value: memoryview | int = 0
            if key >= _MAX_KEY or at - begin > _KEY_BYTES:
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
            yield Field(key >> 3, value, message[begin:at])


def numbers(packed: memoryview, most: int) -> list[int]:
    """Packed whole numbers: one more than `most`, at most. Raises `ValueError`."""
    found: list[int] = []
    at = 0
    while at < len(packed) and len(found) <= most:
        number, at = _varint(packed, at)
        found.append(number)
    return found


def written(number: int, value: bytes | int) -> bytes:
    """A field as it lies."""
    if isinstance(value, int):
        return _as_varint(number << 3 | _VARINT) + _as_varint(value)
    return _as_varint(number << 3 | _BYTES) + _as_varint(len(value)) + value


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """The number at `at`, and where it ends. Raises `ValueError`."""
    number = 0
    for shift, byte in zip(range(0, 70, 7), message[at : at + 10], strict=False):
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number, at
    raise ValueError("it is cut off")


def _as_varint(number: int) -> bytes:
    found = bytearray()
    while number >= 0x80:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
