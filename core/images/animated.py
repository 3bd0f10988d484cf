"""How many pictures an animated file holds, counted by its parts without decoding any."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import islice

MOST = 100_000  # pictures counted
_STEPS = 1_000_000  # of an interpreter, some 0.2 s: a GIF of 64 MB may have more parts than that
_IMAGE, _EXTENSION = 0x2C, 0x21  # of a GIF's blocks


def animated_frames(data: bytes) -> int:
    """Pictures in a GIF, an animated WebP or an animated PNG; 1 for all else, and what cannot be followed."""
    found: Iterator[object] = iter(())
    if data.startswith(b"GIF8"):
        found = _gif_images(data)
    elif data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        found = (name for name, _ in _riff_chunks(data) if name == b"ANMF")
    elif data.startswith(b"\x89PNG\r\n\x1a\n"):
        at = data.find(b"acTL", 8, 4096)  # stands before the pixels, and says the number
        return max(1, min(MOST, struct.unpack_from(">I", data, at + 4)[0])) if 0 < at <= len(data) - 8 else 1
    return max(1, sum(1 for _ in islice(found, MOST)))


def _gif_images(data: bytes) -> Iterator[int]:
    """Where each picture of a GIF begins."""
    at, steps = 13 + _palette(data, 10), 0
    while at < len(data) and steps < _STEPS:
        kind = data[at]
        if kind == _IMAGE:
            yield at
            at += 11 + _palette(data, at + 9)  # descriptor, palette of its own, code size
        elif kind == _EXTENSION:
            at += 2
        else:  # the end, or what is no block
            return
        while at < len(data) and data[at] and steps < _STEPS:
            at, steps = at + 1 + data[at], steps + 1
        at += 1


def _palette(data: bytes, at: int) -> int:
    """Bytes of the palette that the flags at that place announce."""
    flags = data[at] if at < len(data) else 0
    return 6 << (flags & 7) if flags & 0x80 else 0


def _riff_chunks(data: bytes) -> Iterator[tuple[bytes, int]]:
    at = 12
    while at + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, at)
        yield name, length
        at += 8 + length + length % 2
