"""Files of endless parts are refused by counting, and ordinary ones of any build are not."""

from __future__ import annotations

import io
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError
from core.images.decode import read_image
from core.images.parts import is_plain, too_many_parts

PHOTO = Image.fromarray(np.random.default_rng(0).integers(0, 255, (600, 800, 3), dtype=np.uint8))


def saved(kind: str, picture: Image.Image = PHOTO, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


JPEG, PNG, GIF = saved("JPEG"), saved("PNG"), saved("GIF", PHOTO.quantize(16))
PACKED = zlib.compress(b"".join(b"\0" + bytes(row) for row in np.asarray(PHOTO).reshape(600, 2400)), 1)
SIXTY = 60 * 2**20


def tiff(strips: int, tag: int = 273, order: str = "<") -> bytes:
    """A TIFF whose directory names so many strips or tiles, all at the same place."""
    entries = [(256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (tag, 4, strips, 200)]
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    body = struct.pack(order + "H", len(entries))
    for entry in entries:
        body += struct.pack(order + "HHII", *entry)
    return (head + body).ljust(200, b"\0") + struct.pack(order + "I", 190) * strips


ENDLESS = {  # made when they are needed: each takes 60 MB
    "empty segments": lambda: JPEG[:2] + b"\xff\xfe\x00\x02" * (SIXTY // 4) + JPEG[2:],
    "comments of a byte": lambda: JPEG[:2] + b"\xff\xfe\x00\x03x" * (SIXTY // 5) + JPEG[2:],
    "markers alone": lambda: JPEG[:2] + b"\xff\x01" * (SIXTY // 2) + JPEG[2:],
    "fill bytes": lambda: JPEG[:2] + b"\xff" * SIXTY + JPEG[2:],
    "junk between": lambda: JPEG[:2] + b"\0" * SIXTY + JPEG[2:],
    "restarts before the pixels": lambda: JPEG[:2] + b"\xff\xd0" * (SIXTY // 2) + JPEG[2:],
    "scans": lambda: JPEG[:-2] + b"\xff\xda\x00\x02" * 10_000 + JPEG[-2:],
    "scans after the end of a picture in a comment": lambda: (
        JPEG[:-2] + b"\xff\xfe\x00\x06\xff\xd9\xff\xd9" + b"\xff\xda\x00\x02" * 10_000 + JPEG[-2:]
    ),
    "scans behind a reserved marker": lambda: (
        JPEG[:-2] + (b"\xff\x10\xff\xff" + b"\xff\xda\x00\x02" * 10_000) + JPEG[-2:]
    ),
    "segments after the pixels": lambda: JPEG[:-2] + b"\xff\xfe\x00\x02" * (SIXTY // 4) + JPEG[-2:],
    "empty chunks": lambda: PNG[:33] + chunk(b"teSt") * (SIXTY // 12) + PNG[33:],
    "empty pixels": lambda: PNG[:33] + chunk(b"IDAT") * (SIXTY // 12) + PNG[33:],
    "strips": lambda: tiff(1_000_000),
    "tiles": lambda: tiff(1_000_000, 324, ">"),
    "comment blocks": lambda: GIF[:13] + GIF[13:61] + b"!\xfe\x01x\0" * (SIXTY // 5) + GIF[61:],
    "tiny blocks": lambda: GIF[:13] + GIF[13:61] + b"!\xfe" + b"\x01x" * (SIXTY // 2) + b"\0" + GIF[61:],
    "runs of a bmp": lambda: b"BM".ljust(30, b"\0") + b"\1\0\0\0" + bytes(SIXTY),
    "what is no block": lambda: GIF[:13] + GIF[13:61] + b"\x01" * SIXTY + GIF[61:],
}


@pytest.mark.parametrize("name", ENDLESS)
def test_endless_parts_are_refused_at_once_and_in_words(name):
    data = ENDLESS[name]()
    start = time.process_time()
    with pytest.raises(ImageError, match=r"odd: is built to take minutes.* Save it again"):
        read_image(data, "odd")
    assert time.process_time() - start < 1


def iptc(size: int) -> bytes:
    return b"\xff\xed" + struct.pack(">H", size + 2) + bytes(size)


USUAL = {
    "photo": JPEG,
    "progressive": saved("JPEG", progressive=True),
    "restarts": saved("JPEG", restart_marker_rows=1),
    "20 MB of a depth map": JPEG[:2] + iptc(65_000) * 320 + JPEG[2:],
    "padded by a camera": JPEG[:2] + b"\xff" * 200_000 + JPEG[2:],
    "with a phone's video": JPEG + np.random.default_rng(0).bytes(16 * 2**20),
    "png": PNG,
    "png of small chunks": PNG[:33]
    + b"".join(chunk(b"IDAT", PACKED[i : i + 256]) for i in range(0, len(PACKED), 256))
    + PNG[-12:],
    "tiff": saved("TIFF"),
    "tiff of a strip a row": saved("TIFF", tiffinfo={278: 1}),
    "gif": GIF,
    "gif of many frames": saved("GIF", save_all=True, append_images=[PHOTO.rotate(a) for a in range(30)]),
    "webp": saved("WEBP"),
    "bmp": saved("BMP"),
}


@pytest.mark.parametrize("name", USUAL)
def test_usual_builds_are_read(name):
    assert not too_many_parts(USUAL[name])
    assert read_image(USUAL[name], name).rgb.shape == (600, 800, 3)


@pytest.mark.parametrize("name", ["photo", "progressive", "restarts", "png", "png of small chunks"])
def test_small_pictures_are_decoded_without_a_detour(name):
    assert is_plain(USUAL[name])


LARGE = Image.new("RGB", (3000, 2000))
DETOURS = {
    "large": saved("JPEG", LARGE),
    "large png": saved("PNG", LARGE),
    "many scans": saved("JPEG", LARGE.resize((2000, 1500)), progressive=True)[:-2]
    + b"\xff\xda\x00\x02" * 90
    + b"\xff\xd9",
    "large profile": saved("JPEG", icc_profile=bytes(300_000)),
    "profile in a png": saved("PNG", icc_profile=bytes(300)),
    "depth map": USUAL["20 MB of a depth map"],
    "two pictures": saved("MPO", save_all=True, append_images=[PHOTO]),
    "no size": b"\xff\xd8\xff\xc0\x00\x02\x08",
    "webp": USUAL["webp"],
    "gif": GIF,
}


@pytest.mark.parametrize("name", DETOURS)
def test_what_may_take_long_is_decoded_elsewhere(name):
    assert not is_plain(DETOURS[name])


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff", PNG[:12], b"II*\0", b"GIF89a", b"MM\0+"])
def test_the_shortest_files_have_no_parts(data):
    assert not too_many_parts(data)
    is_plain(data)
