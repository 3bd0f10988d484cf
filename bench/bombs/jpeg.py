"""Bombs: JPEG: segments, tables, scans, profiles."""

from __future__ import annotations

import random
import struct
from typing import Any

from PIL import ImageCms

from bench.bombs.made import MB, saved


def segments_jpeg(n: int) -> bytes:
    inside, part = saved("JPEG"), (b"\xff\xfe\0\2", b"\xff\xe1\0\2", b"\xff\x01", b"\xff", b"\0", b"\xff\xd0")
    return inside[:2] + part[n % 6] * ((1 + n) * 3 * MB // len(part[n % 6])) + inside[2:]


def tables_jpeg(n: int) -> bytes:
    inside = saved("JPEG")
    at = inside.index((b"\xff\xdb", b"\xff\xc4")[n % 2])
    table = inside[at : at + 2 + int.from_bytes(inside[at + 2 : at + 4], "big")]
    return inside[:at] + table * (4_000 * (1 + n)) + inside[at:]


def scans_jpeg(n: int) -> bytes:
    side = (500, 2000, 4000, 7000)[n % 4]
    inside = saved("JPEG", (side, side), progressive=True)
    scan = inside[inside.rindex(b"\xff\xda") : -2]
    return inside[:-2] + scan * (10 + 20 * n) + inside[-2:]


def large_jpeg(n: int) -> bytes:
    """Progressive, in many colours, with restarts, or of 12 bits a sample as its header says."""
    options: list[dict[str, Any]] = [
        {"progressive": True},
        {"mode": "CMYK"},
        {"restart_marker_blocks": 1},
        {"subsampling": 0, "progressive": True},
        {"mode": "L", "progressive": True},
    ]
    return saved("JPEG", (7071 - n, 7071), **options[n % 5])


def said_jpeg(n: int) -> bytes:
    """Another size in the header than the pixels have."""
    inside = bytearray(saved("JPEG", progressive=bool(n % 2)))
    at = inside.index(b"\xff\xc2" if n % 2 else b"\xff\xc0")
    inside[at + 5 : at + 9] = struct.pack(">HH", 7000 // (1 + n // 4), (65_500, 7000)[n // 2 % 2])
    return bytes(inside)


def profile_jpeg(n: int) -> bytes:
    """A colour profile in many pieces, of any content."""
    good = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    whole = (good + random.Random(n).randbytes(MB * (n + 1)), good * 100, bytes(MB * (1 + n)))[n % 3]
    return saved("JPEG", (4000, 3000), icc_profile=whole[: 255 * 65_000])


FAMILIES = {
    segments_jpeg: 18,
    tables_jpeg: 20,
    scans_jpeg: 16,
    large_jpeg: 10,
    said_jpeg: 24,
    profile_jpeg: 9,
}
