"""The folder of a data set's pictures: the data is untrusted, and no path in it leads out.

Absolute paths are read: they are of this machine, so whoever wrote them meant its files. They are counted.
"""

from __future__ import annotations

import os
import unicodedata
from functools import cache
from pathlib import Path

_real_folder = cache(os.path.realpath)


class PictureFolder:
    """`named`: a user named this very folder, so that links in it are followed wherever they lead."""

    def __init__(self, root: Path, *, named: bool) -> None:
        self._root, self._named = root, named
        self._real = Path(os.path.realpath(root))
        self.outside = 0  # pictures that were named by an absolute path

    def picture(self, said: str) -> Path:
        """The picture that the data calls `said`, from the root or absolute. Raises `ValueError`.

        Accents may be spelled as another system does, and folders be parted by a backslash.
        """
        spelled = (said, unicodedata.normalize("NFC", said), unicodedata.normalize("NFD", said))
        each = (self._root / name for name in (*spelled, *(name.replace("\\", "/") for name in spelled)))
        path = next(filter(_is_file, each), None) if said else None
        if path is None:
            raise ValueError(f"no picture at {said or '(empty path)'}")
        if self._holds(path):
            return path
        if not Path(said).is_absolute():
            raise ValueError(
                f"{said} leads out of the folder of the data, so it is not read. Copy it there, or name the "
                "folder that holds all pictures: --images"
            )
        self.outside += 1
        return path

    def _holds(self, path: Path) -> bool:
        whole, root = os.path.abspath(path), os.path.abspath(self._root)  # noqa: PTH100 - follows no link
        if self._named and Path(whole).is_relative_to(root):
            return True
        if path.is_symlink():
            return Path(os.path.realpath(path)).is_relative_to(self._real)
        return Path(_real_folder(path.parent)).is_relative_to(self._real)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file system takes
        return False
