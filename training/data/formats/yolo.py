"""YOLO: a text file a picture, of lines `class cx cy w h` in shares of the picture's width and height.

Either `images/…` and `labels/…` (also `train/images`, `train/labels`), or text files beside their pictures.
The classes' names stand in data.yaml, classes.txt or obj.names.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from core.errors import RecordError
from core.records import read_text
from training.data.formats.pictures import Pictures, is_picture_name, walk
from training.data.formats.rows import Rows, split_in

MAX_BYTES = 2**20  # of a picture's lines or the classes' names
_YAML = (".yaml", ".yml")


def rows(data: Path, root: Path) -> Rows:
    """Each line of each file. Raises `RecordError` when the classes' names are not there."""
    names = _class_names([data] if data.is_file() else walk(root), root)
    pictures = Pictures(root)
    for path in label_files(root):
        relative_path = path.relative_to(root)
        try:
            relative = pictures.of_stem(path.stem, relative_path.parent)
            width, height = pictures.size(relative)
            lines = read_text(path, MAX_BYTES, linked=True).splitlines()
        except (RecordError, ValueError) as problem:
            yield relative_path.as_posix(), str(problem)
            continue
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{relative_path.as_posix()} line {number}"
            try:
                class_index, *shares = line.split()
                if len(shares) != 4:
                    raise ValueError(f"{len(shares) + 1} numbers, not class cx cy w h")
                cx, cy, w, h = map(float, shares)
                box = (cx - w / 2) * width, (cy - h / 2) * height, (cx + w / 2) * width, (cy + h / 2) * height
                split = split_in(relative.parts[:-1])
                yield where, pictures.boxed(relative, box, names[int(class_index)], split)
            except KeyError as problem:
                yield where, f"no class has number {problem}"
            except ValueError as problem:
                yield where, str(problem)


def label_files(root: Path) -> list[Path]:
    """The text files in folders called `labels`; if there is none, those beside a picture of their name."""
    files = list(walk(root))
    texts = [path for path in files if path.suffix.lower() == ".txt" and not _is_list(path)]
    pictures = {path.with_suffix("") for path in files if is_picture_name(path)}
    in_labels = [path for path in texts if "labels" in path.relative_to(root).parts[:-1]]
    return in_labels or [path for path in texts if path.with_suffix("") in pictures]


def is_yolo(root: Path) -> bool:
    """Whether a folder `labels` holds text, or pictures have text beside them and the classes are listed.

    Text beside pictures alone may be captions.
    """
    found = label_files(root)
    in_labels = any("labels" in path.relative_to(root).parts[:-1] for path in found)
    return in_labels or (bool(found) and any(_is_list(p) or p.suffix.lower() in _YAML for p in walk(root)))


def _is_list(path: Path) -> bool:
    """Whether the file is called as lists of class names are, one name a line."""
    return path.name in ("classes.txt", "_darknet.labels") or path.suffix == ".names"


def _class_names(files: Iterable[Path], root: Path) -> dict[int, str]:
    for path in files:
        if path.suffix.lower() in _YAML:
            found = _yaml_names(path)
        elif _is_list(path):
            lines = read_text(path, MAX_BYTES, linked=True).splitlines()
            found = {index: line.strip() for index, line in enumerate(lines) if line.strip()}
        else:
            continue
        if found:
            return found
    raise RecordError(
        f"{root}: the names of the classes are missing. Put them into classes.txt there, one a line, "
        "in the order of their numbers."
    )


def _yaml_names(path: Path) -> dict[int, str]:
    """`names: [a, b]` or `names: {0: a, 1: b}`; nothing where there is no such entry."""
    try:
        # BaseLoader makes only text, lists and dictionaries: nothing runs, and a class named `no` stays text.
        text = read_text(path, MAX_BYTES, linked=True)
        content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - as above
        names = content.get("names") if isinstance(content, dict) else None
        pairs = (
            names.items() if isinstance(names, dict) else enumerate(names if isinstance(names, list) else ())
        )
        return {int(index): name for index, name in pairs if isinstance(name, str)}
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        raise RecordError(f"{path}: is not YAML that names classes ({problem}). Correct it.") from None
