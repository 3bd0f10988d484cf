"""Bombs: GIF, BMP and WebP, and one kind within another."""

from __future__ import annotations

import io
import struct

from PIL import Image

from bench.bombs.made import MB, saved


def blocks_gif(n: int) -> bytes:
    inside = saved("GIF", mode="L")
    at = 13 + (6 << (inside[10] & 7))
    part = (b"!\xfe\1x\0", b"\1", b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0", b"!\xf9\4\0\0\0\0\0", b"!\xfe\0")[n % 5]
    return inside[:at] + part * ((1 + n) * MB // len(part)) + inside[at:]


def screen_gif(n: int) -> bytes:
    """One frame of a few pixels somewhere on a large screen, or many frames."""
    inside = bytearray(saved("GIF", mode="L"))
    inside[6:10] = struct.pack("<HH", (7071, 65_000, 50_000)[n % 3], (7071, 769, 1000)[n % 3])
    frame = bytes(inside[inside.index(b",") : -1])
    return bytes(inside[:-1]) + frame * (n * 100) + b";"


def packed_gif(n: int) -> bytes:
    return saved("GIF", (7071, 7071 - 10 * n), "P" if n % 2 else "L")


def webp(n: int) -> bytes:
    if n % 3 == 2:
        frame = Image.new("RGB", (2000, 2000))
        file = io.BytesIO()
        frame.save(file, "WEBP", save_all=True, append_images=[frame.rotate(a) for a in range(3)], method=0)
        return file.getvalue() + bytes(n)
    return saved("WEBP", (7000, 7000 - 8 * n), lossless=bool(n % 2), method=0, quality=0)


def said_webp(n: int) -> bytes:
    inside = bytearray(saved("WEBP", lossless=True))
    inside[21:25] = struct.pack("<I", 0x3FFF | 0x3FFF << 14 if n % 2 else (7000 - n) | 7000 << 14)
    return bytes(inside)


def runs_bmp(n: int) -> bytes:
    """In runs of a few pixels, or of leaps over the whole picture."""
    side = 1000 * (1 + n % 7)
    head = b"BM" + bytes(8) + struct.pack("<IIii", 1078, 40, side, side)
    head += struct.pack("<HHIIiiII", 1, (8, 4)[n // 7 % 2], (1, 2)[n // 7 % 2], 0, 0, 0, 256, 0)
    part = (b"\1\7", b"\0\2\xff\xff", b"\0\2\0\0", b"\0\0", b"\0\3abc\0")[n % 5]
    return head + bytes(1024) + part * (20 * MB // len(part))


def said_bmp(n: int) -> bytes:
    inside = bytearray(saved("BMP"))
    inside[18:26] = struct.pack("<ii", (7000, 2**31 - 1, -7000)[n % 3], (7000, -7000, -(2**31))[n // 3 % 3])
    inside[46:50] = struct.pack("<I", 2 ** (n % 32))  # colours of a palette
    return bytes(inside)


def two_in_one(n: int) -> bytes:
    kinds = ("JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP", "AVIF")
    first, second = saved(kinds[n % 7]), saved(kinds[(n // 7 + n) % 7], (3000, 3000))
    return first[: 20 + n] + second


FAMILIES = {
    blocks_gif: 25,
    screen_gif: 12,
    packed_gif: 6,
    webp: 6,
    said_webp: 10,
    runs_bmp: 28,
    said_bmp: 18,
    two_in_one: 28,
}
