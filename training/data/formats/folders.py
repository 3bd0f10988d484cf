"""FOLDER: `<label>/<pictures>`, also within `train`, `valid` and `test`. The label is the folder's name."""

from __future__ import annotations

from pathlib import Path

from training.data.formats.pictures import is_picture_name, walk
from training.data.formats.rows import Rows, split_in, split_named


def rows(data: Path, root: Path) -> Rows:
    """Pictures at any depth below their label's folder; what is no picture is named."""
    parts = has_parts(root)
    for path in walk(root):
        relative = path.relative_to(root)
        folders = relative.parts[:-1]
        split = split_in(folders[:1]) if parts else ""
        where = relative.as_posix()
        if not is_picture_name(path):
            if len(folders) > parts:
                yield where, "is not a picture"
        elif parts and not split:
            yield where, "is in none of train, valid and test"
        elif len(folders) <= parts:
            yield where, "is in no folder that names its label"
        else:
            row = {"path": where, "label": folders[parts]}
            yield where, row | ({"split": split} if split else {})


def has_parts(root: Path) -> bool:
    """Whether `root` holds `train/<label>/…` and not `<label>/…`."""
    return any(
        split_named(folder.name) == "train" and any(inner.is_dir() for inner in folder.iterdir())
        for folder in root.iterdir()
        if folder.is_dir()
    )
