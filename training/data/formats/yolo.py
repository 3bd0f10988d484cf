"""YOLO: a text file a picture, of lines `class cx cy w h` in shares of the picture's width and height.

A line may also be a polygon, `class x1 y1 x2 y2 x3 y3 ...`, or have a confidence or keypoints at its end.
Either `images/…` and `labels/…` (also `train/images`, `train/labels`), or text files beside their pictures.
The classes' names stand in data.yaml, classes.txt or obj.names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

from core.errors import RecordError
from core.files import open_regular_file
from core.results import Box
from core.text import printable
from training.data.formats.class_names import label_of
from training.data.formats.pictures import Pictures, rows_by_line, walk
from training.data.formats.readings import MIDDLES, Readings
from training.data.formats.rows import Note, Row, Rows, annotation_text, around, split_in

MAX_BYTES = 2**20  # of the classes' names
_YAML = (".yaml", ".yml")
_LISTS = ("classes.txt", "_darknet.labels", "names.txt", "labels.txt", "predefined_classes.txt", "obj.names")
_MANY, _LONGEST = 20, 1_000  # files looked at, and bytes of a line
_FOLDERS = ("labels", "label")


def rows(data: Path, root: Path) -> Rows:
    """Each line of each file. Raises `RecordError` when the classes' names are not there."""
    files = [data] if data.is_file() else list(walk(root))
    names = _class_names(files, root)
    keypoints = any(_yaml(path).get("kpt_shape") for path in files if path.suffix.lower() in _YAML)
    pictures, readings = Pictures(root), Readings(MIDDLES)
    polygons = doubtful = 0
    nameless: dict[int, set[Path]] = defaultdict(set)

    def read(path: Path, picture: Path, line: str) -> Row:
        nonlocal polygons, doubtful
        class_index, box = _line(line, keypoints=keypoints)
        if class_index not in names:
            nameless[class_index].add(path)
            raise ValueError(f"no class has number {class_index}")
        numbers = [float(cell) for cell in line.split()[1:]]
        polygon = len(numbers) > 5 and not keypoints
        polygons += polygon
        doubtful += polygon and _may_be_keypoints(numbers)
        split, counted = split_in(picture.parts[:-1]), None if polygon else readings
        return pictures.boxed(picture, box, names[class_index], split, in_shares=True, readings=counted)

    yield from rows_by_line(label_files(root), root, pictures, read)
    if several := sorted(number for number, found in nameless.items() if len(found) > 1):
        raise RecordError(
            f"{root}: the class numbers {', '.join(map(str, several[:10]))} have no name. Named are "
            f"{', '.join(f'{number} {printable(name)}' for number, name in sorted(names.items())[:10])}. Add "
            "the others to the list of names, one a line, the first for 0."
        )
    readings.require(root)
    if polygons and polygons == doubtful:
        raise RecordError(
            f"{root}: it cannot be told whether {polygons} lines are polygons, or boxes with keypoints. If "
            "they are keypoints, say so in data.yaml, such as kpt_shape: [5, 2]; else export boxes."
        )
    if polygons:
        yield root.name, Note(f"{polygons} polygons are read as the boxes around them")


def _line(line: str, *, keypoints: bool) -> tuple[int, Box]:
    """The class and the box in shares. Raises `ValueError`."""
    first, *numbers = map(float, line.split())
    if not first.is_integer():
        raise ValueError(f"{first:g} is no number of a class")
    if len(numbers) in (4, 5) or (keypoints and len(numbers) > 5):  # the fifth is a confidence
        cx, cy, w, h = numbers[:4]
        return int(first), (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2)
    if len(numbers) < 6 or len(numbers) % 2:
        raise ValueError(f"{len(numbers) + 1} numbers, not class cx cy w h, nor a class and points x y")
    return int(first), around(zip(numbers[::2], numbers[1::2], strict=True))


def _may_be_keypoints(numbers: Sequence[float]) -> bool:
    """Whether points x y, or x y and 0, 1 or 2 for how visible, follow a box that holds all of them."""
    cx, cy, w, h, *rest = numbers

    def inside(x: float, y: float) -> bool:
        return abs(x - cx) <= w / 2 and abs(y - cy) <= h / 2

    if all(inside(x, y) for x, y in zip(rest[::2], rest[1::2], strict=True)):
        return True
    return len(rest) % 3 == 0 and all(
        not seen or (seen in (1, 2) and inside(x, y))
        for x, y, seen in zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    )


def label_files(root: Path) -> list[Path]:
    """The text files in folders called `labels`, in any case; if there is none, those of a picture's name."""
    files = [path for path in walk(root) if path.suffix.lower() == ".txt" and not is_list(path)]
    in_labels = [path for path in files if _in_labels(path, root)]
    if in_labels or not files:
        return in_labels
    pictures = Pictures(root)
    return [path for path in files if pictures.has_stem(path.stem)]


def is_yolo(root: Path) -> bool:
    """Whether a folder `labels` holds text, or pictures have text beside them and the classes are listed.

    Text beside pictures alone may be captions.
    """
    found = label_files(root)
    if any(_in_labels(path, root) for path in found):
        return True
    listed = any(is_list(path) or path.suffix.lower() in _YAML for path in walk(root))
    return bool(found) and (listed or any(map(_holds_boxes, found[:_MANY])))


def _holds_boxes(path: Path) -> bool:
    with open_regular_file(path) as file:
        cells = file.readline(_LONGEST).split()
    try:
        return len(cells) == 5 and float(cells[0]).is_integer() and all(0 <= float(c) <= 1 for c in cells[1:])
    except ValueError:
        return False


def is_folder_of_labels(folder: Path) -> bool:
    """Whether it is the one of YOLO's two folders that holds no pictures."""
    return folder.name.lower() in _FOLDERS


def _in_labels(path: Path, root: Path) -> bool:
    return any(part.lower() in _FOLDERS for part in path.relative_to(root).parts[:-1])


def is_list(path: Path) -> bool:
    """Whether the file is called as lists of class names are, one name a line."""
    return path.name.lower() in _LISTS or path.suffix.lower() == ".names"


def _class_names(files: Iterable[Path], root: Path) -> dict[int, str]:
    """Raises `RecordError` where two lists call one number otherwise: which one is meant cannot be told."""
    names: dict[int, str] = {}
    named_by: dict[int, Path] = {}
    for path in files:
        found = _yaml_names(path) if path.suffix.lower() in _YAML else _listed(path) if is_list(path) else {}
        for index, name in found.items():
            other = names.setdefault(index, name)
            if label_of([other, name])[other] != label_of([other, name])[name]:
                raise RecordError(
                    f"{named_by[index]} calls class {index} {printable(other)!r}, and {path} calls it "
                    f"{printable(name)!r}. Remove the list that is not meant, or name one data set alone."
                )
            named_by.setdefault(index, path)
    if names:
        return names
    raise RecordError(
        f"{root}: the names of the classes are missing. Put them into classes.txt there, one a line, "
        "in the order of their numbers."
    )


def _listed(path: Path) -> dict[int, str]:
    lines = annotation_text(path, MAX_BYTES).rstrip().splitlines()
    if not all(map(str.strip, lines)):
        raise RecordError(
            f"{path}: has an empty line between names, so their numbers cannot be told. Remove it."
        )
    return {index: line.strip() for index, line in enumerate(lines)}


def _yaml_names(path: Path) -> dict[int, str]:
    """`names: [a, b]` or `names: {0: a, 1: b}`; nothing where there is no such entry."""
    names = _yaml(path).get("names")
    pairs = names.items() if isinstance(names, dict) else enumerate(names if isinstance(names, list) else ())
    try:
        return {int(index): name for index, name in pairs if isinstance(name, str)}
    except ValueError as problem:
        raise _no_names(path, problem) from None


def _yaml(path: Path) -> dict[str, Any]:
    try:
        # BaseLoader makes only text, lists and dictionaries: nothing runs, and a class named `no` stays text.
        content = yaml.load(annotation_text(path, MAX_BYTES), Loader=yaml.BaseLoader)  # noqa: S506 - as above
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        raise _no_names(path, problem) from None
    return content if isinstance(content, dict) else {}


def _no_names(path: Path, problem: Exception) -> RecordError:
    return RecordError(f"{path}: is not YAML that names classes ({problem}). Correct it.")
