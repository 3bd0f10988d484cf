"""What a file that somebody drops is, by its name: a picture, a video, an archive, or none of them."""

from __future__ import annotations

from enum import Enum
from pathlib import PurePosixPath

from core.files import is_archive, is_litter
from core.images import SUFFIXES

VIDEO_SUFFIXES = (
    *(".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".3gp", ".3g2"),
    *(".wmv", ".flv", ".ogv", ".mts", ".m2ts"),
)


class Kind(Enum):
    """`LITTER` is what no person put there."""

    PICTURE = "picture"
    VIDEO = "video"
    ARCHIVE = "archive"
    LITTER = "litter"
    OTHER = "other"


def kind_of(name: str) -> Kind:
    """Of a file by its name or path."""
    path = PurePosixPath(name.replace("\\", "/").lower())
    if any(is_litter(part) for part in path.parts if part != ".."):
        return Kind.LITTER
    if path.suffix in SUFFIXES:
        return Kind.PICTURE
    if path.suffix in VIDEO_SUFFIXES:
        return Kind.VIDEO
    return Kind.ARCHIVE if is_archive(path.name) else Kind.OTHER
