"""LabelMe: a JSON file a picture, `{"imagePath", "shapes": [{"label", "points", "shape_type"}, ...]}`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from core.errors import RecordError
from core.results import Box
from training.data.formats.pictures import Pictures, walk
from training.data.formats.rows import Rows, around, listed, pixels, read_json, split_in, text

MAX_BYTES = 128 * 2**20  # the picture itself may be in it, in base 64


def rows(data: Path, root: Path) -> Rows:
    """Each shape of each file: a rectangle, or the box around a polygon or circle, in pixels."""
    pictures = Pictures(root)
    for path in walk(data):
        if path.suffix.lower() != ".json":
            continue
        try:
            content = read_json(path, MAX_BYTES)
            if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
                raise ValueError("has no list of shapes")
            relative = _picture(pictures, path, content.get("imagePath"))
            size = pixels(content.get("imageWidth"), content.get("imageHeight"))
        except (RecordError, ValueError, OverflowError) as problem:
            yield path.name, str(problem)
            continue
        for number, shape in enumerate(content["shapes"], 1):
            where = f"{path.name} shape {number}"
            try:
                box, label = _box(shape), text(shape["label"])
                yield where, pictures.boxed(relative, box, label, split_in(relative.parts[:-1]), size)
            except KeyError as problem:
                yield where, f"no field {problem}"
            except (AttributeError, TypeError, ValueError, OverflowError) as problem:
                yield where, str(problem)


def _picture(pictures: Pictures, path: Path, name: object) -> Path:
    try:
        return pictures.find(text(name), path.parent)
    except ValueError:
        return pictures.of_stem(path.stem, path.parent)


def _box(shape: dict[str, Any]) -> Box:
    points = [(float(x), float(y)) for x, y in map(listed, listed(shape["points"]))]
    kind = shape.get("shape_type") or "polygon"
    if kind == "circle" and len(points) == 2:  # its middle and a point on it
        (cx, cy), (x, y) = points
        radius = math.hypot(x - cx, y - cy)
        return cx - radius, cy - radius, cx + radius, cy + radius
    if kind not in ("rectangle", "polygon") or len(points) < 2:
        raise ValueError(f"a shape of the kind {kind!r} with {len(points)} points is no box")
    return around(points)
