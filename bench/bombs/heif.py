"""Bombs: HEIC and AVIF: boxes, items, grids."""

from __future__ import annotations

import struct

from bench.bombs.made import saved


def box(name: bytes, *inside: bytes) -> bytes:
    body = b"".join(inside)
    return struct.pack(">I", 8 + len(body)) + name + body


def boxes_heif(n: int) -> bytes:
    """Boxes in boxes, or endless ones."""
    brand = (b"heic", b"avif", b"mif1")[n % 3]
    kind = box(b"ftyp", brand + bytes(4) + brand)
    inside = b""
    if n % 2:
        for _ in range(200 * (1 + n)):
            inside = box((b"meta", b"iprp", b"ipco")[n % 3], bytes(4), inside)
        return kind + inside
    return kind + box(b"meta", bytes(4), box(b"iprp", box(b"ipco", box(b"free") * (20_000 * (1 + n)))))


def items_heif(n: int) -> bytes:
    """Items at endless places, and grids of other items, themselves among them."""
    brand = (b"heic", b"avif")[n % 2]
    count = 200 * (1 + n)
    handler = box(b"hdlr", bytes(8) + b"pict" + bytes(13))
    primary = box(b"pitm", bytes(4) + b"\0\1")
    infos = [box(b"infe", b"\2\0\0\0" + struct.pack(">HH", i, 0) + b"grid\0") for i in range(1, count)]
    places = [struct.pack(">HHHHII", i, 1, 0, n % 3 * 1000, 0, 2**30) for i in range(1, count)]
    refs = [
        box(b"dimg", struct.pack(">HH", i, 2) + struct.pack(">HH", i, i % count + 1)) for i in range(1, count)
    ]
    size = box(b"ispe", bytes(4) + struct.pack(">II", 7000, 7000))
    uses = b"".join(struct.pack(">HBB", i, 1, 1) for i in range(1, count))
    meta = box(
        b"meta",
        bytes(4) + handler + primary,
        box(b"iinf", bytes(4) + struct.pack(">H", count - 1), *infos),
        box(b"iloc", b"\1\0\0\0\x44\0" + struct.pack(">H", count - 1), *places),
        box(b"iref", bytes(4), *refs),
        box(b"iprp", box(b"ipco", size), box(b"ipma", bytes(4) + struct.pack(">I", count - 1) + uses)),
        box(b"idat", struct.pack(">BBBBII", 0, 1, 255, 255, 7000, 7000)),
    )
    return box(b"ftyp", brand + bytes(4) + brand + b"mif1") + meta


def said_heif(n: int) -> bytes:
    """Another size than the pixels have, in every place where one stands."""
    kind = ("HEIF", "AVIF")[n % 2]
    inside = saved(kind, (64, 64))
    width = (7000, 65_000, 2**31, 1)[n // 2 % 4]
    return inside.replace(struct.pack(">II", 64, 64), struct.pack(">II", width, 7000 // (1 + n)))


def large_avif(n: int) -> bytes:
    return saved("AVIF", (4000 - 16 * n, 4000), ("RGB", "RGBA", "L")[n % 3], speed=10, quality=(1, 90)[n % 2])


FAMILIES = {boxes_heif: 18, items_heif: 16, said_heif: 16, large_avif: 6}
