"""The JSON annotations of Kaggle's wobotintelligence set: a file a picture, `annotations/<picture>.json`.

{"FileName": …, "NumOfAnno": …, "Annotations": [{"BoundingBox": [x1, y1, x2, y2], "classname": …, …}, …]}
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import RecordError
from training.data.formats.pictures import Pictures, walk
from training.data.formats.rows import Rows, listed, read_json, split_in, text

MAX_BYTES = 2**20  # of a picture's annotations; the set's largest has some 10 kB


def rows(data: Path, root: Path) -> Rows:
    """Each box of each file. `BoundingBox` holds left, top, right, bottom in pixels."""
    pictures = Pictures(root)
    for path in walk(data):
        if path.suffix.lower() != ".json":
            continue
        try:
            content = read_json(path, MAX_BYTES)
            name, found = _fields(content)
            relative = pictures.find(name, path.parent)
        except (RecordError, ValueError) as problem:
            yield path.name, str(problem)
            continue
        for number, annotation in enumerate(found, 1):
            where = f"{path.name} box {number}"
            try:
                x1, y1, x2, y2 = map(float, listed(annotation["BoundingBox"]))
                label = text(annotation["classname"])
                yield where, pictures.boxed(relative, (x1, y1, x2, y2), label, split_in(relative.parts[:-1]))
            except KeyError as problem:
                yield where, f"no field {problem}"
            except (TypeError, ValueError, OverflowError) as problem:
                yield where, str(problem)


def _fields(content: object) -> tuple[str, list[Any]]:
    if not isinstance(content, dict) or not isinstance(content.get("Annotations"), list):
        raise ValueError("has no list of Annotations")
    if not isinstance(content.get("FileName"), str):
        raise ValueError("has no FileName")
    return content["FileName"], content["Annotations"]
