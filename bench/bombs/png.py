"""Bombs: PNG: rows, chunks, packed texts, profiles."""

from __future__ import annotations

import struct
import zlib

from bench.bombs.made import MB, packed_zeros, saved

PNG_START = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, packed: bytes, *, depth: int = 8, colour: int = 2, laced: int = 0) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, laced))
    return PNG_START + head + chunk(b"IDAT", packed) + chunk(b"IEND")


def strip_png(n: int) -> bytes:
    width = (50_000_000, 10_000_000, 1_000_000, 100_000, 65_501, 65_500)[n % 6]
    height = max(1, 50_000_000 // width // (1 + n // 6))
    width, height = (width, height) if n % 2 else (height, width)
    return png(width, height, packed_zeros((width + 7) // 8 * height + height), depth=1, colour=0)


def wide_png(n: int) -> bytes:
    """The most pixels that are read, of every depth and colour, in rows and laced."""
    depth, colour, channels = ((8, 2, 3), (16, 6, 4), (16, 0, 1), (8, 4, 2), (1, 0, 1), (16, 2, 3))[n % 6]
    row = (7071 * depth * channels + 7) // 8 + 1
    return png(7071, 7071, packed_zeros(row * 7071 + 50_000), depth=depth, colour=colour, laced=n // 6 % 2)


def said_png(n: int) -> bytes:
    """Says that it is large, and has no pixels."""
    side = 2 ** (12 + n)
    return png(min(side, 2**31 - 1), min(side, 2**31 - 1), packed_zeros(1000), depth=16, colour=6)


def more_than_said_png(n: int) -> bytes:
    return png(64, 48, packed_zeros((n + 1) * 60 * MB))


def packed_text_png(n: int) -> bytes:
    text = packed_zeros((1 + n) * 40 * MB)
    name, body = (
        (b"iCCP", b"x\0\0" + text),
        (b"zTXt", b"x\0\0" + text),
        (b"iTXt", b"x\0\1\0\0\0" + text),
    )[n % 3]
    inside = saved("PNG")
    return inside[:33] + chunk(name, body) * (1 + n) + inside[33:]


def chunks_png(n: int) -> bytes:
    name = (b"teSt", b"IDAT", b"tEXt", b"fdAT", b"acTL", b"PLTE")[n % 6]
    inside = saved("PNG")
    return inside[:33] + chunk(name, bytes(n)) * (50_000 * (1 + n)) + inside[33:]


def table_profile_png(n: int) -> bytes:
    """A profile whose colours go through a table of up to 16 MB."""
    grid = 10 + 9 * (n % 15)
    table = (
        struct.pack(">4sI", b"mft1", 0)
        + bytes((3, 3, grid, 0))
        + struct.pack(">9I", *(65536, 0, 0, 0) * 2, 1)
    )
    table += bytes(range(256)) * 3 + bytes(3 * grid**3) + bytes(range(256)) * 3
    size = 132 + 12 + len(table)
    head = struct.pack(">I4sI4s4s4s", size, b"lcms", 0x02400000, b"scnr", b"RGB ", b"Lab ").ljust(36, b"\0")
    head = (head + b"acsp").ljust(68, b"\0") + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    profile = head.ljust(128, b"\0") + struct.pack(">I4sII", 1, b"A2B0", 144, len(table)) + table
    return saved("PNG", (3000, 2000), icc_profile=profile)


FAMILIES = {
    strip_png: 24,
    wide_png: 12,
    said_png: 20,
    more_than_said_png: 6,
    packed_text_png: 12,
    chunks_png: 24,
    table_profile_png: 15,
}
