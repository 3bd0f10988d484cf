"""CreateML: one JSON list of pictures, `{"image", "annotations": [{"label", "coordinates"}, ...]}`.

`coordinates` hold x and y of the box's middle, width and height, in pixels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.errors import RecordError
from training.data.formats.pictures import Pictures, walk
from training.data.formats.readings import MIDDLES, Readings
from training.data.formats.rows import Rows, read_json, split_in, text

MAX_BYTES = 256 * 2**20


def rows(data: Path, root: Path) -> Rows:
    """Each annotation of each picture. A folder's name may name the split."""
    pictures, readings = Pictures(root), Readings(MIDDLES)
    for path in [data] if data.is_file() else walk(data):
        if path.suffix.lower() != ".json":
            continue
        try:
            content = read_json(path, MAX_BYTES)
            if not isinstance(content, list):
                raise ValueError("is no list of pictures")
        except (RecordError, ValueError) as problem:
            yield path.name, str(problem)
            continue
        for entry in content:
            yield from _annotated(path, pictures, readings, entry)
    readings.require(data)


def _annotated(path: Path, pictures: Pictures, readings: Readings, entry: Any) -> Rows:
    try:
        name = text(entry.get("image") or entry.get("imagefilename"))
    except (AttributeError, ValueError):
        yield path.name, "an entry names no picture in 'image', as CreateML's do"
        return
    where = f"{path.name} {name}"
    try:
        relative = pictures.find(name, path.parent)
        found = entry.get("annotations") or entry.get("annotation") or []
        annotations = found if isinstance(found, list) else [found]
    except ValueError as problem:
        yield where, str(problem)
        return
    for number, annotation in enumerate(annotations, 1):
        try:
            place = annotation["coordinates"]
            cx, cy, w, h = (float(place[key]) for key in ("x", "y", "width", "height"))
            box = cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2
            label, split = text(annotation["label"]), split_in((*relative.parts[:-1], path.parent.name))
            row = pictures.boxed(relative, box, label, split, readings=readings)
            yield f"{where} annotation {number}", row
        except KeyError as problem:
            yield f"{where} annotation {number}", f"no field {problem}"
        except (TypeError, ValueError, OverflowError) as problem:
            yield f"{where} annotation {number}", str(problem)
