"""Which files are pictures: by their suffix or, where a name has none, by their first bytes."""

from __future__ import annotations

from pathlib import Path

from core.files import open_regular_file

SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".png", ".webp", ".bmp", ".gif"),
    *(".tif", ".tiff", ".heic", ".heif", ".avif"),
)
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_BRANDS = HEIF_BRANDS | {b"avif", b"avis"}
_STARTS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
)
_PEEK = 16  # bytes


def has_picture_suffix(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


def is_picture(path: Path) -> bool:
    """Whether the file at `path` is one to be read as a picture. It may still turn out to be damaged."""
    return has_picture_suffix(path) or (not path.suffix and _starts_as_one(path))


def _starts_as_one(path: Path) -> bool:
    try:
        with open_regular_file(path) as file:
            start = file.read(_PEEK)
    except OSError:
        return False
    if start.startswith(_STARTS):
        return True
    if start[:4] == b"RIFF":
        return start[8:12] == b"WEBP"
    if start[:2] == b"BM":
        return start[6:10] == b"\0\0\0\0"  # reserved; a text may begin with these two letters, too
    return start[4:8] == b"ftyp" and start[8:12] in _BRANDS
