"""What bombs are made of."""

from __future__ import annotations

import io
import zlib

import pillow_heif
from PIL import Image

MB = 2**20


def saved(kind: str, size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    picture = Image.new(mode, size, "orange" if mode in ("RGB", "L", "RGBA") else 1)
    if kind == "HEIF":
        pillow_heif.from_pillow(picture).save(file, quality=50, **options)
    else:
        picture.save(file, kind, **options)
    return file.getvalue()


def packed_zeros(count: int) -> bytes:
    """`count` bytes of nothing, a thousandth as long."""
    pack, block = zlib.compressobj(9), bytes(MB)
    parts = [pack.compress(block) for _ in range(count // MB)]
    return b"".join([*parts, pack.compress(bytes(count % MB)), pack.flush()])
