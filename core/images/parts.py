"""How many parts a picture's file has, counted without decoding: readers spend their time on each of them.

A file of 60 MB may hold ten million empty parts. What has more than any camera or program writes is refused
at once; what has few, and few pixels, is decoded at once (`is_plain`); the rest goes to
`core.images.decoder_process`.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from itertools import islice

MAX_SCANS = 100  # of a progressive JPEG: 10 are usual, and each costs the time of a whole picture
# Of a JPEG before its pixels: a phone's depth map takes some 300. Of a PNG: 64 MB in the usual
# 8 kB are 8,000. Of a TIFF: a strip a row of the longest side. Of a GIF before its pixels: 10 are many.
# Of a BMP packed by run lengths: pairs of bytes, each of which takes a step of an interpreter.
MAX_PARTS = {"JPEG": 5_000, "PNG": 20_000, "TIFF": 70_000, "GIF": 5_000, "BMP": 4_000_000}

_PLAIN_BYTES = 4 * 2**20
_PLAIN_HEAD = 2**17  # bytes before a JPEG's pixels: colour profiles and previews larger than usual take time
_PLAIN_PIXELS = 4_000_000  # some 30 ms as JPEG, 100 ms as PNG; a live picture has half of it at most
_PLAIN_WORK = 48_000_000  # pixels times scans: 12 scans of the above
_JPEG, _PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"
_SCAN = 0xDA
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a length
_MARKER = re.compile(rb"\xff[^\x00\xff]")
_AMONG_PIXELS = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
END = b"\xff\xd9"  # of a JPEG
_END, _FIRST_WITH_LENGTH = 0xD9, 0xC0  # lower ones are reserved: a reader that goes on does so right behind
_WINDOW = 2**20  # bytes searched at once: meanwhile no other thread runs
_FILL_PART = 256  # bytes that a reader skips in the time that it takes for an empty segment
_MOST_FILL = MAX_PARTS["JPEG"] * _FILL_PART + 2
_PLAIN_CHUNKS = frozenset(
    (
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"pHYs",
        b"bKGD",
        b"tIME",
        b"sBIT",
    )
)
_RUN_LENGTHS = (b"\1\0\0\0", b"\2\0\0\0")  # of 8 and of 4 bits
_STRIPS, _TILES = 273, 324  # TIFF tags


def too_many_parts(data: bytes) -> bool:
    """Whether the file has parts beyond what any camera or program writes."""
    if data.startswith(_JPEG):
        scans = (marker for marker in _markers(data) if marker == _SCAN)
        return _more(_markers(data), MAX_PARTS["JPEG"]) or _more(scans, MAX_SCANS)
    if data.startswith(_PNG):
        return _more(_chunks(data), MAX_PARTS["PNG"])
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return _tiff_parts(data) > MAX_PARTS["TIFF"]
    if data.startswith(b"GIF8"):
        return _more(_gif_blocks(data), MAX_PARTS["GIF"])
    if data.startswith(b"BM") and data[30:34] in _RUN_LENGTHS:
        return len(data) > 2 * MAX_PARTS["BMP"]
    return False


def is_plain(data: bytes) -> bool:
    """Whether this is a small JPEG or PNG of a usual build, which takes less time to decode than to hand on.

    Only for what has not `too_many_parts`.
    """
    if len(data) > _PLAIN_BYTES:
        return False
    if data.startswith(_JPEG):
        return _is_plain_jpeg(data)
    return data.startswith(_PNG) and _is_plain_png(data)


def lacks_end(data: bytes) -> bool:
    """Whether this is a JPEG whose pixels begin but do not end, as when a download breaks off."""
    if not data.startswith(_JPEG):
        return False
    last = max(_segments(data), key=lambda segment: segment[1], default=(0, 0, 0))
    return last[0] == _SCAN and data.find(END, last[2]) < 0


def _more(parts: Iterator[object], bound: int) -> bool:
    return next(islice(parts, bound, None), None) is not None


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of what a JPEG has before its first pixels; `_FILL_PART` bytes between are one."""
    at, end = 2, len(data)
    while at + 4 <= end:
        found = _MARKER.search(data, at, at + _MOST_FILL)
        stop = min(at + _MOST_FILL, end) if found is None else found.start()
        for start in range(at, stop, _FILL_PART):
            yield 0, start, min(start + _FILL_PART, stop)
        if found is None:
            return
        at, marker = found.start(), data[found.end() - 1]
        length = 0 if marker in _ALONE else int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, at, at + 2 + length
        if marker == _SCAN:
            return
        at += 2 + length


def _markers(data: bytes) -> Iterator[int]:
    """Those of a JPEG, up to its end: what follows may be another picture, or a phone's video."""
    marker = at = 0
    for marker, _, end in _segments(data):
        yield marker
        at = end
    if marker != _SCAN:
        return
    while found := _marker_among_pixels(data, at):
        marker, at = data[found.end() - 1], found.end()
        if marker == _END:
            return
        yield marker
        if marker >= _FIRST_WITH_LENGTH:
            at += int.from_bytes(data[at : at + 2], "big")


def _marker_among_pixels(data: bytes, at: int) -> re.Match[bytes] | None:
    windows = range(at, len(data), _WINDOW)
    return next(filter(None, (_AMONG_PIXELS.search(data, w, w + _WINDOW + 1) for w in windows)), None)


def _is_plain_jpeg(data: bytes) -> bool:
    pixels = 0
    for marker, start, end in _segments(data):
        if end > _PLAIN_HEAD or data[start + 4 : start + 8] == b"MPF\0":  # several pictures in one
            return False
        if marker in _START_OF_FRAME:
            height, width = struct.unpack(">HH", data[start + 5 : start + 9].ljust(4, b"\xff"))
            pixels = max(pixels, height * width)
    return pixels <= _PLAIN_PIXELS and pixels * sum(m == _SCAN for m in _markers(data)) <= _PLAIN_WORK


def _chunks(data: bytes) -> Iterator[bytes]:
    """The name of each chunk of a PNG."""
    at = len(_PNG)
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        yield name
        at += 12 + length


def _is_plain_png(data: bytes) -> bool:
    width, height = struct.unpack(">II", data[16:24].ljust(8, b"\xff"))
    return width * height <= _PLAIN_PIXELS and set(_chunks(data)) <= _PLAIN_CHUNKS


def _tiff_parts(data: bytes) -> int:
    """Entries of the first directory, and strips or tiles that they name."""
    order = "<" if data[:1] == b"I" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    try:
        (at,) = struct.unpack_from(order + ("Q" if big else "I"), data, 8 if big else 4)
        (entries,) = struct.unpack_from(order + ("Q" if big else "H"), data, at)
        entry = struct.Struct(order + ("HHQQ" if big else "HHII"))
        at += 8 if big else 2
        parts = int(entries)
        for number in range(min(entries, MAX_PARTS["TIFF"])):
            tag, _, count, _ = entry.unpack_from(data, at + number * entry.size)
            if tag in (_STRIPS, _TILES):
                parts += int(count)
    except struct.error:  # cut off: the decoder says so
        return 0
    return parts


def _gif_blocks(data: bytes) -> Iterator[int]:
    """Where each block begins that stands before a GIF's first pixels."""
    at = 13 + (6 << (data[10] & 7) if data[10:11] and data[10] & 0x80 else 0)  # a palette comes first
    while at < len(data) and data[at] != ord(","):
        yield at
        if data[at] != ord("!"):  # readers skip what is no block, a byte at a time
            at += 1
            continue
        at += 2
        while at < len(data) and data[at]:
            yield at
            at += 1 + data[at]
        at += 1
