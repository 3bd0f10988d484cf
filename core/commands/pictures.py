"""The pictures that a command is given: paths, web addresses and folders."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.errors import ImageError
from core.files import is_litter
from core.images import fetch_image, is_picture, read_image, shown_url
from core.results import Frame
from core.text import is_url, printable

LONGEST_NAME = 4_096  # characters that are printed of a path or an address
UNREADABLE = 2  # exit code when a picture could not be read


def named_pictures(given: Sequence[str]) -> Iterator[str]:
    """Each path and address as it is, and in place of a folder the pictures in it, sorted by name.

    What else lies in a folder is counted on stderr. A folder without pictures comes as it is: `read_timed`
    says what is wrong with it.
    """
    for name in given:
        folder = Path(name)
        if is_url(name) or not folder.is_dir():
            yield name
        else:
            yield from _in_folder(folder) or [name]


def read_timed(image: str) -> tuple[Frame, float]:
    """The picture and the milliseconds spent decoding it. Raises `ImageError`."""
    if is_url(image):
        source: bytes | Path = fetch_image(image)
    elif (source := Path(image)).is_dir():
        raise ImageError(
            f"{printable(image)}: holds no picture. Give the folder that the pictures themselves lie in."
        )
    start = time.perf_counter()
    frame = read_image(source, shown_url(image) if is_url(image) else None)
    return frame, (time.perf_counter() - start) * 1000


def _in_folder(folder: Path) -> list[str]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as problem:
        raise ImageError(f"{folder}: cannot be listed ({problem.strerror}). Check its permissions.") from None
    found, others, folders, litter = [], 0, 0, 0
    for entry in entries:
        if is_litter(entry.name):
            litter += 1
        elif entry.is_dir():
            folders += 1
        elif is_picture(entry):
            found.append(str(entry))
        else:
            others += 1
    counts = {
        "other files": others,
        "folders inside": folders,
        "files that systems leave behind": litter,
    }
    if passed := ", ".join(f"{n} {what}" for what, n in counts.items() if n):
        print(f"{printable(str(folder), LONGEST_NAME)}: passed over {passed}", file=sys.stderr)
    return found
