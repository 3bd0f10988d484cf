"""Names in exports: of files that every system takes, and each once."""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from core.labels import CANNOT_TELL
from core.results import FaceResult, Result
from core.text import is_url, printable

NamedResults = Sequence[tuple[str, Result]]
Problems = Sequence[tuple[str, str]]  # names of pictures that were not read, each with the reason
_RESERVED = re.compile(r'[<>:"/\\|?*]')  # what Windows does not allow in a file name
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # nor these, with any suffix
# Characters: in UTF-8 at most 240 of the 255 bytes that a disk allows
_LONGEST_STEM, _LONGEST_SUFFIX = 50, 10


def file_name(name: str) -> str:
    """An untrusted file name, path or URL as a plain name that any system can hold and no path can leave."""
    if is_url(name):
        name = urlsplit(name).path
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    # One spelling of an accented letter: macOS takes the two of Unicode for the same name.
    plain = unicodedata.normalize("NFC", printable(last, 200)) if last else ""
    plain = _RESERVED.sub("_", plain).strip(". ") or "picture"
    stem, suffix = posixpath.splitext(plain)
    plain = stem[:_LONGEST_STEM].rstrip() + suffix[:_LONGEST_SUFFIX].rstrip()
    return f"_{plain}" if _DEVICES.match(plain) else plain


def labels_of(results: NamedResults) -> list[str]:
    """Every label that the models of these results know, in label order. Empty when there is no face."""
    faces = (face for _, result in results for face in result.faces)
    return list(dict.fromkeys(label for face in faces for label in face.prediction.labels))


def category(face: FaceResult) -> str:
    """The label or `cannot_tell`: what annotations call a face, where a table says that how is not clear."""
    return CANNOT_TELL if face.cannot_tell else face.prediction.label


def with_unique_names(results: NamedResults) -> Iterator[tuple[str, Result]]:
    taken: set[str] = set()
    for name, result in results:
        yield unused_name(writable(name), taken), result


def writable(name: str) -> str:
    """A path that is not UTF-8 comes as lone surrogates, which no file can be written with."""
    return name.encode("utf-8", "replace").decode("utf-8")


def with_file_names(results: NamedResults) -> Iterator[tuple[str, Result]]:
    taken: set[str] = set()
    for name, result in results:
        yield unused_name(file_name(name), taken), result


def unused_name(name: str, taken: set[str]) -> str:
    """The name, or the name with a number that is not taken yet. Many disks do not tell A from a."""
    stem, suffix = posixpath.splitext(name)
    number = 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem} ({number}){suffix}"
    taken.add(name.casefold())
    return name
