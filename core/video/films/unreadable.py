"""What is the matter with a file that is no film, or cannot be decoded: told by a look at its bytes."""

from __future__ import annotations

import os
import re
from typing import BinaryIO

FORMATS = "MP4, MOV, WebM, MKV, AVI, MPEG, M4V, 3GP, animated GIF or WebP"
_LOOK = 2**20  # bytes at either end: what describes a film stands there
_NO_FILMS = (  # by a mark near the start
    (b"\xff\xd8\xff", "is a picture, not a film. Check it as a photo"),
    (b"\x89png", "is a picture, not a film. Check it as a photo"),
    (b"%pdf-", "is a PDF document, not a film"),
    (b"<html", "is a web page, not a film. Download the film itself"),
    (b"<!doctype html", "is a web page, not a film. Download the film itself"),
    (b"pk\x03\x04", "is a zip archive, not a film. Unpack it first"),
)
_CODECS = (  # names of codecs where MP4, AVI and Matroska have them
    re.compile(rb"stsd.{12}(?P<name>[ -~]{4})", re.S),
    re.compile(rb"vids(?P<name>[ -~]{4})"),
    re.compile(rb"(?P<name>[VA]_[A-Z0-9/_]{3,20})"),
)
_ENCRYPTED = re.compile(rb"stsd.{12}encv", re.S)
_OF_SOUND = (b"mp4a", b"ac-3", b"ec-3", b"alac", b"Opus", b"twos", b"sowt", b"lpcm", b"samr", b"fLaC")


def what_it_is(file: BinaryIO) -> str:
    """Why a file cannot be opened as a film, without the full stop."""
    file.seek(0)
    start = file.read(1024)
    lower = start.lower()
    for mark, words in _NO_FILMS:
        if lower.startswith(mark) or (mark.startswith(b"<") and mark in lower):
            return words
    if start[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free"):
        return (
            "has no index, or a broken one: it was cut off while it was recorded or copied. "
            "Copy it again, or have a repair program write the index"
        )
    if start.startswith(b"\x1aE\xdf\xa3"):  # Matroska and WebM
        return "has no picture in it, or is damaged at its beginning. Copy or download it again"
    return f"is not a film, or is too damaged to tell. Choose {FORMATS}"


def codec_name(file: BinaryIO, *, video: bool) -> str:
    """The name that a file gives its codec, which is one that cannot be read here."""
    text = _ends(file)
    for pattern in _CODECS:
        for found in pattern.finditer(text):
            name = found["name"]
            if video != (name.startswith((b"A_", *_OF_SOUND))):
                return name.decode("ascii").strip()
    return "something unknown"


def is_encrypted(file: BinaryIO) -> bool:
    """Whether an MP4 says that its pictures are. Some of these may decode all the same, to noise."""
    return _ENCRYPTED.search(_ends(file)) is not None


def _ends(file: BinaryIO) -> bytes:
    file.seek(0)
    start = file.read(_LOOK)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(len(start), size - _LOOK))
    return start + file.read(_LOOK)
