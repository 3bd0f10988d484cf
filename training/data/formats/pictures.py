"""The pictures under a folder, looked up by what annotations call them, and boxes checked against them."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath, PureWindowsPath
from urllib.parse import unquote

from PIL import ExifTags, Image

from core.errors import ImageError, RecordError
from core.files import is_litter
from core.images import has_picture_suffix, is_picture, read_image
from core.results import Box
from training.data.formats.readings import LYING, Readings
from training.data.formats.rows import IF_STORED, LeftOut, Row, Rows, annotation_text

MAX_TEXT_BYTES = 2**20  # of a picture's lines
_LEAST_SIDE = 2  # pixels: shares that are rounded up may be somewhat above 1
SLACK = 2.0  # pixels: annotation tools round, and let people draw a little over the edge
_AUGMENTED = ".rf."  # Roboflow puts this and a hash into the names of a photo's augmented copies


def walk(folder: Path) -> Iterator[Path]:
    """Every file under `folder`, sorted, but for hidden ones and those that computers leave behind.

    Links to folders are followed, since large sets are often linked into place; a loop is walked once.
    """
    return (path for path, litter in _walk(folder) if not litter)


def count_litter(folder: Path) -> int:
    """How many files and folders under `folder` `walk` passes over."""
    return sum(litter for _, litter in _walk(folder))


def _walk(folder: Path) -> Iterator[tuple[Path, bool]]:
    seen: set[str] = set()
    for top, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(top)
        new = real not in seen
        seen.add(real)
        if not new:
            folders[:] = []
            continue
        yield from ((Path(top, name), True) for name in folders if is_litter(name))
        folders[:] = sorted(name for name in folders if not is_litter(name))
        for name in sorted(files):
            path = Path(top, name)
            if is_litter(name):
                yield path, True
            elif path.is_file():  # a pipe would be waited for
                yield path, False


class Pictures:
    """The pictures under `root`.

    No path is ever made of a name in an annotation: it is looked up among the files that are there, so it
    cannot lead out of the folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        self._by_stem: dict[str, list[Path]] = defaultdict(list)
        self._sizes: dict[Path, tuple[int, int, int]] = {}
        for path in walk(root):
            if is_picture(path):
                relative = path.relative_to(root)
                self._by_name[_key(relative.name)].append(relative)
                self._by_stem[_key(_stem(relative))].append(relative)

    def find(self, name: str, near: Path = Path()) -> Path:
        """The picture, relative to the root, that an annotation in the folder `near` calls `name`.

        Names may differ in case and in how accents and spaces are spelled, and lack their suffix or have
        another. Of several the one is taken whose folders agree best with `name` and `near`. Raises
        `ValueError` when there is none, or when it cannot be told which is meant.
        """
        called = PureWindowsPath(name.strip())  # takes both / and \
        for spelled in (called.name, unquote(called.name)):
            if found := self._by_name.get(_key(spelled)):
                return _best(found, called, near)
        suffixless = _stem(called) if has_picture_suffix(Path(called.name)) else called.name
        return _best(self._by_stem.get(_key(suffixless), []), called, near)

    def of_stem(self, stem: str, near: Path) -> Path:
        """The picture whose name without suffix is `stem`. Raises `ValueError` as `find` does."""
        return _best(self._by_stem.get(_key(stem), []), PureWindowsPath(stem), near)

    def has_stem(self, stem: str) -> bool:
        return _key(stem) in self._by_stem

    def size(self, relative: Path) -> tuple[int, int]:
        """(width, height) of the picture, upright, in pixels. Raises `ValueError` when it is no picture."""
        return self._turned_size(relative)[:2]

    def _turned_size(self, relative: Path) -> tuple[int, int, int]:
        if relative not in self._sizes:
            self._sizes[relative] = upright_size(self._root / relative)
        return self._sizes[relative]

    def boxed(
        self,
        relative: Path,
        box: Box,
        label: str,
        split: str = "",
        annotated_size: tuple[int, ...] | None = None,
        *,
        in_shares: bool = False,
        readings: Readings | None = None,
    ) -> Row:
        """The row of a box (x1, y1, x2, y2), cut at the picture's edge: in pixels, or in shares of its size.

        `readings` counts whether the box fits. Raises `ValueError` as `fitted`.
        """
        size = self._turned_size(relative)
        if readings:
            readings.add(box, size, in_shares=in_shares)
        found = fitted(box, size, relative.name, annotated_size, in_shares=in_shares)
        row = {"path": relative.as_posix(), "label": label, **found}
        if _AUGMENTED in relative.name:  # copies of one photo stay on one side of a split
            row["group"] = relative.name.split(_AUGMENTED)[0]
        return row | ({"split": split} if split else {})


def rows_by_line(
    files: Iterable[Path], root: Path, pictures: Pictures, read: Callable[[Path, Path, str], Row | LeftOut]
) -> Rows:
    """Of text files that are called as their pictures, what `read` makes of each line that is not empty.

    `read` has the file, its picture (relative to `root`) and the line; it raises `ValueError`.
    """
    for path in files:
        relative_path = path.relative_to(root)
        try:
            picture = pictures.of_stem(path.stem, relative_path.parent)
            lines = annotation_text(path, MAX_TEXT_BYTES).splitlines()
        except (RecordError, ValueError) as problem:
            yield relative_path.as_posix(), str(problem)
            continue
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{relative_path.as_posix()} line {number}"
            try:
                yield where, read(path, picture, line)
            except ValueError as problem:
                yield where, str(problem)


def fitted(
    box: Box,
    turned_size: tuple[int, int, int],
    name: str,
    annotated_size: tuple[int, ...] | None = None,
    *,
    in_shares: bool = False,
) -> Row:
    """The columns of a box on the picture `name`, of which `turned_size` is what `upright_size` says.

    A picture may be marked by its camera as turned. Then a box is taken as drawn on the picture as it is
    stored where only that fits its edges or the annotation's size; where both fit, the row says what it would
    be if it were so (`IF_STORED`). Raises `ValueError` when the box leaves the picture by more than `SLACK`,
    or when the annotation was made on a picture of another size.
    """
    width, height, orientation = turned_size
    stored = (height, width) if orientation in LYING else (width, height)
    sizes = {"upright": (width, height)} | ({"stored": stored} if orientation > 1 else {})
    if annotated_size and all(annotated_size):
        fitting = {how: size for how, size in sizes.items() if size == annotated_size}
        if not fitting:
            made = " x ".join(map(str, annotated_size))
            raise ValueError(f"made for {made} pixels, but {name} has {width} x {height}")
        sizes = fitting
    found: dict[str, Box] = {}
    for how, size in sizes.items():
        try:
            cut = _cut(box, size, name, in_shares=in_shares)
            found[how] = turned(cut, stored, orientation) if how == "stored" else cut
        except ValueError as problem:
            if how == list(sizes)[-1] and not found:
                raise problem from None
    columns = _corners(next(iter(found.values())))
    if len(found) > 1 and len(set(found.values())) > 1:
        columns[IF_STORED] = " ".join(_corners(found["stored"]).values())
    return columns


def _corners(box: Box) -> dict[str, str]:
    return dict(zip(("x1", "y1", "x2", "y2"), (f"{v:g}" for v in box), strict=True))


def _cut(box: Box, size: tuple[int, int], name: str, *, in_shares: bool) -> Box:
    """In pixels, cut at the edge. Raises `ValueError`."""
    width, height = size
    shown = f"box ({', '.join(f'{v:g}' for v in box)})"
    if in_shares:
        box = box[0] * width, box[1] * height, box[2] * width, box[3] * height
    x1, y1, x2, y2 = box
    if not (x1 < x2 and y1 < y2):  # also when one is not a number
        raise ValueError(f"{shown} is empty or turned round")
    if min(x1, y1) < -SLACK or x2 > width + SLACK or y2 > height + SLACK:
        raise ValueError(f"{shown} leaves {name}, which has {width} x {height} pixels")
    if max(x2, y2) <= 1 or (max(x2, y2) < _LEAST_SIDE and not in_shares):
        raise ValueError(f"{shown} lies in one pixel: it is given in shares, where pixels are expected")
    return max(x1, 0), max(y1, 0), min(x2, width), min(y2, height)


def turned(box: Box, stored: tuple[int, int], orientation: int) -> Box:
    """A box on the picture as stored, (width, height), as it lies on the upright one; by EXIF orientation."""
    x1, y1, x2, y2 = box
    width, height = stored
    if orientation in (2, 3, 7, 8):
        x1, x2 = width - x2, width - x1
    if orientation in (3, 4, 6, 7):
        y1, y2 = height - y2, height - y1
    return (y1, x1, y2, x2) if orientation in LYING else (x1, y1, x2, y2)


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


def _stem(path: PurePath) -> str:
    """Without its suffix, if that is one of pictures: `a.v2` has none."""
    return path.stem if has_picture_suffix(Path(path.name)) else path.name


def _key(name: str) -> str:
    """One spelling for all of a name: macOS takes accents apart, and old disks wrote cp1252."""
    plain = os.fsencode(name)
    try:
        text = plain.decode()
    except UnicodeDecodeError:
        text = plain.decode("cp1252", "replace")
    return unicodedata.normalize("NFC", text).casefold()


def upright_size(path: Path) -> tuple[int, int, int]:
    """(width, height) of the upright picture, and its EXIF orientation, 1 to 8.

    Read from the header, some 0.2 ms; what Pillow alone does not know is decoded. Raises `ValueError`.
    """
    try:
        with Image.open(path, formats=("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")) as picture:
            width, height = picture.size
            said = picture.getexif().get(ExifTags.Base.Orientation)
            orientation = said if isinstance(said, int) and 1 <= said <= max(LYING) else 1
            if orientation in LYING:
                width, height = height, width
            return width, height, orientation
    except Exception:  # a decoder raises whatever a damaged file trips it over; `read_image` says it in words
        try:
            frame = read_image(path)
        except ImageError as problem:
            raise ValueError(str(problem)) from None
        return frame.width, frame.height, 1
