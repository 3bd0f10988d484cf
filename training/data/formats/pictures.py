"""The pictures under a folder, looked up by what annotations call them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePath, PureWindowsPath

from PIL import ExifTags, Image

from core.errors import ImageError
from core.images import SUFFIXES, read_image
from training.data.formats.rows import Row

SLACK = 2.0  # pixels: annotation tools round, and let people draw a little over the edge
_LYING = range(5, 9)  # EXIF orientations that turn a picture by a quarter
_AUGMENTED = ".rf."  # Roboflow puts this and a hash into the names of a photo's augmented copies


def walk(folder: Path) -> Iterator[Path]:
    """Every file under `folder`, sorted, but for hidden ones and those that computers leave behind.

    Links to folders are followed, since large sets are often linked into place; a loop is walked once.
    """
    seen: set[str] = set()
    for top, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(top)
        new = real not in seen
        seen.add(real)
        folders[:] = sorted(f for f in folders if new and not f.startswith((".", "__MACOSX")))
        if not new:
            continue
        for name in sorted(files):
            path = Path(top, name)
            if not name.startswith(".") and name not in ("Thumbs.db", "desktop.ini") and path.is_file():
                yield path  # a pipe would be waited for


def is_picture_name(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES


class Pictures:
    """The pictures under `root`.

    No path is ever made of a name in an annotation: it is looked up among the files that are there, so it
    cannot lead out of the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        self._by_stem: dict[str, list[Path]] = defaultdict(list)
        self._sizes: dict[Path, tuple[int, int]] = {}
        for path in walk(root):
            if is_picture_name(path):
                relative = path.relative_to(root)
                self._by_name[relative.name.lower()].append(relative)
                self._by_stem[relative.stem].append(relative)

    def find(self, name: str, near: Path = Path()) -> Path:
        """The picture, relative to the root, that an annotation in the folder `near` calls `name`.

        Names may differ in case. Of several the one is taken whose folders agree best with `name` and `near`.
        Raises `ValueError` when there is none, or when it cannot be told which is meant.
        """
        called = PureWindowsPath(name)  # takes both / and \
        return _best(self._by_name.get(called.name.lower(), []), called, near)

    def of_stem(self, stem: str, near: Path) -> Path:
        """The picture whose name without suffix is `stem`. Raises `ValueError` as `find` does."""
        return _best(self._by_stem.get(stem, []), PureWindowsPath(stem), near)

    def size(self, relative: Path) -> tuple[int, int]:
        """(width, height) of the picture, upright, in pixels. Raises `ValueError` when it is no picture."""
        if relative not in self._sizes:
            self._sizes[relative] = _upright_size(self._root / relative)
        return self._sizes[relative]

    def boxed(
        self,
        relative: Path,
        box: tuple[float, float, float, float],
        label: str,
        split: str = "",
        annotated_size: tuple[int, int] | None = None,
    ) -> Row:
        """The row of a box (x1, y1, x2, y2) in pixels, cut at the picture's edge.

        Raises `ValueError` when the box leaves the picture by more than `SLACK`, or when the annotation was
        made on a picture of another size.
        """
        width, height = self.size(relative)
        if annotated_size and all(annotated_size) and annotated_size != (width, height):
            made = " x ".join(map(str, annotated_size))
            raise ValueError(f"made for {made} pixels, but {relative.name} has {width} x {height}")
        x1, y1, x2, y2 = box
        shown = f"box ({x1:g}, {y1:g}, {x2:g}, {y2:g})"
        if not (x1 < x2 and y1 < y2):  # also when one is not a number
            raise ValueError(f"{shown} is empty or turned round")
        if min(x1, y1) < -SLACK or x2 > width + SLACK or y2 > height + SLACK:
            raise ValueError(f"{shown} leaves {relative.name}, which has {width} x {height} pixels")
        cut = max(x1, 0), max(y1, 0), min(x2, width), min(y2, height)
        corners = dict(zip(("x1", "y1", "x2", "y2"), (f"{v:g}" for v in cut), strict=True))
        row = {"path": relative.as_posix(), "label": label, **corners}
        if _AUGMENTED in relative.name:  # copies of one photo stay on one side of a split
            row["group"] = relative.name.split(_AUGMENTED)[0]
        return row | ({"split": split} if split else {})


def _best(found: list[Path], called: PurePath, near: Path) -> Path:
    def agreement(path: Path) -> tuple[bool, int, int]:
        folders = set(path.parts[:-1])
        return path.name == called.name, len(folders & set(called.parts)), len(folders & set(near.parts))

    if not found:
        raise ValueError(f"no picture called {called.name or '(no name)'}")
    best = max(map(agreement, found))
    agreeing = [path for path in found if agreement(path) == best]
    if len(agreeing) > 1:
        raise ValueError(f"{len(agreeing)} pictures are called {called.name}")
    return agreeing[0]


def _upright_size(path: Path) -> tuple[int, int]:
    """Read from the header, some 0.2 ms; what Pillow alone does not know is decoded."""
    try:
        with Image.open(path, formats=("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")) as picture:
            width, height = picture.size
            turned = picture.getexif().get(ExifTags.Base.Orientation) in _LYING
            return (height, width) if turned else (width, height)
    except Exception:  # a decoder raises whatever a damaged file trips it over; `read_image` says it in words
        try:
            frame = read_image(path)
        except ImageError as problem:
            raise ValueError(str(problem)) from None
        return frame.width, frame.height
