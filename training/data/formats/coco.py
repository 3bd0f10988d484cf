"""COCO: one JSON file with `images`, `categories` and `annotations`, or several, one a split."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import RecordError
from training.data.formats.pictures import Pictures, walk
from training.data.formats.readings import SIDES, Readings
from training.data.formats.rows import LeftOut, Rows, listed, pixels, read_json, split_in, text

MAX_BYTES = 512 * 2**20  # that of COCO itself, 118,000 pictures, has 450 MB
CROWD = "crowd regions (iscrowd)"
IGNORED = "ignored regions (ignore)"


def rows(data: Path, root: Path) -> Rows:
    """Each annotation. `bbox` holds left, top, width, height in pixels. A file's name may name the split."""
    pictures, readings = Pictures(root), Readings(SIDES)
    for path in [data] if data.is_file() else walk(data):
        if path.suffix.lower() == ".json":
            try:
                images, categories, annotations = _tables(read_json(path, MAX_BYTES))
            except (RecordError, ValueError) as problem:
                yield path.name, str(problem)
            else:
                yield from _annotated(path, pictures, readings, images, categories, annotations)
    readings.require(data)


def _annotated(
    path: Path,
    pictures: Pictures,
    readings: Readings,
    images: Mapping[str, Mapping[str, Any]],
    categories: Mapping[str, Mapping[str, Any]],
    annotations: list[Any],
) -> Rows:
    for number, annotation in enumerate(annotations, 1):
        where = f"{path.name} annotation {number}"
        try:
            if annotation.get("iscrowd") in (1, True, "1"):
                yield where, LeftOut(CROWD)
                continue
            if annotation.get("ignore") in (1, True, "1"):
                yield where, LeftOut(IGNORED)
                continue
            image = images[_id(annotation["image_id"])]
            relative = pictures.find(text(image["file_name"]), path.parent)
            left, top, width, height = map(float, listed(annotation["bbox"]))
            box = left, top, left + width, top + height
            label = text(categories[_id(annotation["category_id"])]["name"])
            size = pixels(image.get("width"), image.get("height"))
            words = (*relative.parts[:-1], path.parent.name, *re.split(r"[^a-z]+", path.stem.lower()))
            yield where, pictures.boxed(relative, box, label, split_in(words), size, readings=readings)
        except KeyError as problem:
            yield where, f"no field or entry {problem}"
        except (AttributeError, TypeError, ValueError, OverflowError) as problem:
            yield where, str(problem)


def _tables(content: object) -> tuple[dict[str, Any], dict[str, Any], list[Any]]:
    """Images and categories by id, and the annotations. Raises `ValueError` when it is not COCO."""
    lists = [content.get(k) if isinstance(content, dict) else None for k in ("images", "categories")]
    annotations = content.get("annotations") if isinstance(content, dict) else None
    if not all(isinstance(found, list) for found in (*lists, annotations)):
        raise ValueError("is not COCO: it lacks a list of images, of categories or of annotations")
    images, categories = (
        {
            _id(entry["id"]): entry
            for entry in found or ()
            if isinstance(entry, dict) and _is_id(entry.get("id"))
        }
        for found in lists
    )
    return images, categories, annotations or []


def _is_id(value: object) -> bool:
    """Numbers, as COCO has them, or text, as some write them; a truth value would pass for 0 or 1."""
    return isinstance(value, (int, float, str)) and not isinstance(value, bool)


def _id(value: Any) -> str:
    """One spelling: some programs write 7 in one table and "7", or 7.0, in the other. Raises `ValueError`."""
    if not _is_id(value):
        raise ValueError("an id is neither a number nor text")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
