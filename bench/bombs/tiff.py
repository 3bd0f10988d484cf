"""Bombs: TIFF, and the directories of EXIF, which are TIFF too."""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image

from bench.bombs.made import MB, packed_zeros, saved


def exif(n: int) -> bytes:
    """Directories that lead to themselves, or have endless entries."""
    count = (1, 65_535, 5_000, 200)[n % 4]
    entry = struct.pack("<HHII", (34665, 34853, 40965, 330)[n // 4 % 4], 4, (1, 2**31)[n % 2], 8)
    body = b"Exif\0\0II*\0" + struct.pack("<IH", 8, count) + entry * min(count, 5_000) + struct.pack("<I", 8)
    return saved(("JPEG", "PNG", "WEBP")[n % 3], exif=body[:65_000])


def tiff(entries: list[tuple[int, int, int, int]], rest: bytes = b"", next_at: int = 0) -> bytes:
    """`rest` begins at byte 1000."""
    body = b"II*\0" + struct.pack("<IH", 8, len(entries))
    body += b"".join(struct.pack("<HHII", *entry) for entry in entries) + struct.pack("<I", next_at)
    return body.ljust(1000, b"\0") + rest


def parts_tiff(n: int) -> bytes:
    """A million strips or tiles of one place."""
    count = 20_000 * (1 + n)
    where, sizes = (273, 279) if n % 2 else (324, 325)
    form = [(278, 3, 1, 1)] if n % 2 else [(322, 3, 1, 16), (323, 3, 1, 16)]
    head = [(256, 4, 1, 4000), (257, 4, 1, count if n % 2 else 4000), (258, 3, 1, 8), (259, 3, 1, 1)]
    table = struct.pack("<I", 1000) * count + struct.pack("<I", 256) * count
    places = [(where, 4, count, 1000), (sizes, 4, count, 1000 + 4 * count)]
    return tiff(sorted([*head, (262, 3, 1, 1), *form, *places]), table)


def packed_tiff(n: int) -> bytes:
    kind = ("tiff_adobe_deflate", "tiff_lzw", "packbits", "group4", "tiff_deflate")[n % 5]
    if kind == "group4":
        return saved("TIFF", (7000, 7000 - n), "1", compression=kind)
    return saved("TIFF", (7000, 7000 - n), ("RGB", "RGBA", "CMYK", "F", "L")[n // 5 % 5], compression=kind)


def said_tiff(n: int) -> bytes:
    """Sizes, samples and directories as its header wants them."""
    side, samples = (7000, 65_000, 2**31)[n % 3], (1, 4, 65_535)[n // 3 % 3]
    head = [(256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, (8, 32)[n % 2]), (259, 3, 1, (1, 8, 5)[n % 3])]
    tail = [(262, 3, 1, 2), (273, 4, 1, 1000), (277, 3, 1, samples), (279, 4, 1, 2**31 - n)]
    return tiff([*head, *tail], packed_zeros(200 * MB), 8)


def tags_tiff(n: int) -> bytes:
    inside = [
        (256, 3, 1, 8),
        (257, 3, 1, 8),
        (258, 3, 1, 8),
        (262, 3, 1, 1),
        (273, 4, 1, 1000),
        (279, 4, 1, 64),
    ]
    strange = [(40_000 + i % 20_000, (2, 4, 5, 7, 12)[n % 5], 2_000 * (n + 1), 1000) for i in range(65_000)]
    body = [*inside, *strange][: 4_000 * (n + 1)]
    return tiff(body, bytes(4 * MB))


def floats_tiff(n: int) -> bytes:
    values = np.full((7000, 7000 - n), (np.nan, np.inf, -1e38, 1e-40)[n % 4], np.float32)
    file = io.BytesIO()
    Image.fromarray(values).save(file, "TIFF", compression="tiff_adobe_deflate")
    return file.getvalue()


FAMILIES = {exif: 36, parts_tiff: 24, packed_tiff: 25, said_tiff: 18, tags_tiff: 16, floats_tiff: 6}
