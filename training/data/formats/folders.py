"""FOLDER: `<label>/<pictures>`, also within `train`, `valid` and `test`. The label is the folder's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from core.files import is_litter
from core.images import is_picture
from training.data.formats.class_names import is_known
from training.data.formats.pictures import walk
from training.data.formats.rows import Rows, split_in, split_named
from training.data.layout import layout_error

_ABOVE = "Name the folder that holds it"
_SPLITS = ("train", "validation", "test")


def rows(data: Path, root: Path) -> Rows:
    """Pictures at any depth below their label's folder; what is no picture is named.

    Raises `RecordError` where the folder looks like one too high or too low.
    """
    parts = has_parts(root)
    files = [(path, path.relative_to(root)) for path in walk(root)]
    _check_depth(root, [relative for path, relative in files if is_picture(path)], parts)
    for path, relative in files:
        folders = relative.parts[:-1]
        split = split_in(folders[:1]) if parts else split_in(folders[1:2])
        where = relative.as_posix()
        if not is_picture(path):
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
    """Whether `root` holds `train/<label>/…`, or parts of a split alone, and not `<label>/…`."""
    tops = [folder for folder in root.iterdir() if folder.is_dir() and not is_litter(folder.name)]
    named = {split_named(folder.name) for folder in tops if any(inner.is_dir() for inner in folder.iterdir())}
    return "train" in named or (bool(named) and {split_named(folder.name) for folder in tops} <= {*_SPLITS})


def _check_depth(root: Path, pictures: Sequence[Path], parts: bool) -> None:
    """Known names, of labels or splits, tell where the level of the labels is."""
    if not pictures:
        return
    inside: dict[str, set[str]] = {}  # by label, the folders in its own
    for path in pictures:
        if len(path.parts) > parts + 1:
            inside.setdefault(path.parts[parts], set()).update(path.parts[parts + 1 : -1])
    labels = set(inside)
    deeper = set().union(*inside.values())
    inner = {name for name in deeper if is_known(name)}
    splits = {name for name in deeper if split_named(name) in _SPLITS}
    if not labels:
        raise layout_error(root, "its pictures lie in no folder that names their label", _ABOVE)
    if parts_alone := sorted(label for label in labels if split_named(label) in _SPLITS):
        said = f"{', '.join(parts_alone)} name parts of a split, and hold pictures outside of labels' folders"
        raise layout_error(root, said, "Put them into a folder for each label")
    if joined := sorted(filter(_joins_part_and_label, labels)):
        said = f"{', '.join(joined[:5])} name a part of a split and a label in one"
        raise layout_error(root, said, "Give each part a folder of its own")
    if any(is_known(label) for label in labels):
        return
    alike = len(labels) > 1 and len(deeper) > 1 and all(names == deeper for names in inside.values())
    if len(inner) > 1 or alike or (len(labels) == 1 and (inner or splits)):
        what = "name no label, but folders in them do" if inner or splits else "hold the same folders each"
        raise layout_error(root, f"{', '.join(sorted(labels)[:5])} {what}", "Name one inside it")
    beside = {folder.name for folder in root.resolve().parent.iterdir() if folder.is_dir()} - {
        root.resolve().name
    }
    if is_known(root.resolve().name) and any(map(is_known, beside)):
        raise layout_error(root, f"{root.name} names a label itself", _ABOVE)


def _joins_part_and_label(folder: str) -> bool:
    """So `train_with_mask`, which is a class of its own to nobody."""
    words = [word for word in re.split(r"[\W_]+", folder) if word]
    return not is_known(folder) and any(
        split_named(word) in _SPLITS and is_known("_".join(words[:n] + words[n + 1 :]))
        for n, word in enumerate(words)
    )
