"""The pictures that a detector was measured on, in a folder of the user's: the record of a run has none.

Which picture is meant is said by detections.csv, which may be untrusted: nothing but pictures below that
folder is read.
"""

from __future__ import annotations

from pathlib import Path

from core.errors import ImageError
from core.images import read_image
from core.results import Frame
from core.text import printable


def scene_picture(folder: Path, key: str) -> Frame:
    """The picture that a row names as "its folder/its name", below `folder` or in it.

    Raises `ImageError`, also for a name or a link that leads out of `folder`.
    """
    said = printable(key)
    parts = key.split("/")
    if len(parts) != 2 or any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        raise ImageError(f"{said}: is no name of a picture and its folder, so it is not looked for.")
    try:
        root = folder.resolve()
        path = (root / parts[0] / parts[1]).resolve()
        if not path.exists() and root.name == parts[0]:
            path = (root / parts[1]).resolve()
        if not path.is_relative_to(root):
            raise ImageError(f"{said}: leads out of the folder, so it is not read.")
        if not path.exists():
            raise ImageError(
                f"{said}: is not in this folder. Name the one that holds “{printable(parts[0])}”."
            )
    except (OSError, RuntimeError, ValueError) as problem:  # RuntimeError: a link to itself
        raise ImageError(f"{said}: cannot be found ({printable(str(problem))}).") from None
    return read_image(path, said)
