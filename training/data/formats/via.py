"""VGG Image Annotator, version 1 and 2: a JSON project, its annotations alone, or its CSV.

A picture has `filename` and `regions`, each with `shape_attributes` (where) and `region_attributes` (what).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import RecordError
from core.files import open_table, table_rows
from core.results import Box
from training.data.formats.pictures import Pictures, walk
from training.data.formats.rows import Rows, around, read_json, split_in, text

MAX_BYTES = 256 * 2**20
CSV_COLUMNS = {"filename", "region_shape_attributes", "region_attributes"}
_CALLED = ("class", "label", "name", "type", "category", "object", "mask")


def rows(data: Path, root: Path) -> Rows:
    """Each region: a rectangle, or the box around a polygon, circle or ellipse, in pixels."""
    pictures = Pictures(root)
    for path in [data] if data.is_file() else walk(data):
        if path.suffix.lower() not in (".json", ".csv"):
            continue
        try:
            found = list(_csv_regions(path) if path.suffix.lower() == ".csv" else _regions(path))
        except (RecordError, ValueError) as problem:
            yield path.name, str(problem)
            continue
        for where, name, shape, attributes in found:
            try:
                relative = pictures.find(text(name), path.parent)
                box, label = _box(shape), _label(attributes)
                split = split_in((*relative.parts[:-1], path.parent.name))
                yield where, pictures.boxed(relative, box, label, split)
            except KeyError as problem:
                yield where, f"no field {problem}"
            except (AttributeError, TypeError, ValueError, OverflowError) as problem:
                yield where, str(problem)


def _regions(path: Path) -> Iterator[tuple[str, Any, Any, Any]]:
    content = read_json(path, MAX_BYTES)
    if isinstance(content, dict) and isinstance(content.get("project"), dict):
        raise ValueError("is a project of VIA 3, which is not read. Export it as COCO")
    if isinstance(content, dict) and isinstance(content.get("_via_img_metadata"), dict):
        content = content["_via_img_metadata"]
    if not isinstance(content, dict):
        raise ValueError("has no pictures of VIA")
    for key, picture in content.items():
        if not isinstance(picture, dict) or "regions" not in picture:
            continue
        regions = picture["regions"]
        regions = regions.values() if isinstance(regions, dict) else regions  # version 1 numbers them
        for number, region in enumerate(regions if hasattr(regions, "__iter__") else (), 1):
            known = region if isinstance(region, dict) else {}
            yield (
                f"{path.name} {picture.get('filename', key)} region {number}",
                picture.get("filename"),
                known.get("shape_attributes"),
                known.get("region_attributes"),
            )


def _csv_regions(path: Path) -> Iterator[tuple[str, Any, Any, Any]]:
    try:
        with open_table(path) as lines:
            reader = table_rows(lines)
            for row in reader:
                shape = json.loads(row.get("region_shape_attributes") or "{}")
                if shape:  # a picture without a region has a line, too
                    attributes = json.loads(row.get("region_attributes") or "{}")
                    yield f"{path.name} line {reader.line_num}", row.get("filename"), shape, attributes
    except (OSError, csv.Error) as problem:
        raise ValueError(f"cannot be read ({problem})") from None


def _box(shape: dict[str, Any]) -> Box:
    kind = shape["name"]
    if kind == "rect":
        x, y, w, h = (float(shape[key]) for key in ("x", "y", "width", "height"))
        return x, y, x + w, y + h
    if kind in ("polygon", "polyline"):
        xs, ys = (map(float, shape[f"all_points_{axis}"]) for axis in "xy")
        return around(zip(xs, ys, strict=True))
    if kind in ("circle", "ellipse"):
        cx, cy = float(shape["cx"]), float(shape["cy"])
        rx, ry = (float(shape.get(key) or shape["r"]) for key in ("rx", "ry"))
        return cx - rx, cy - ry, cx + rx, cy + ry
    raise ValueError(f"a region of the kind {kind!r} is no box")


def _label(attributes: dict[str, Any]) -> str:
    """The one attribute's value or, of several, that of the one called as a class is. Raises `ValueError`."""
    values = {key: _chosen(value) for key, value in attributes.items()}
    values = {key: value for key, value in values.items() if value}
    if len(values) > 1:
        values = {key: value for key, value in values.items() if key.lower() in _CALLED}
    if len(values) != 1:
        raise ValueError(
            f"of the attributes {', '.join(attributes) or '(none)'} it cannot be told which is the class"
        )
    return next(iter(values.values()))


def _chosen(value: object) -> str:
    """Text, or the one box that is ticked."""
    if isinstance(value, dict):
        ticked = [key for key, on in value.items() if on is True]
        return ticked[0] if len(ticked) == 1 else ""
    return text(value).strip()
