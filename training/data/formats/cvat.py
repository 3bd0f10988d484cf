"""CVAT's own XML, "CVAT for images": `<annotations>` with an `<image name width height>` for each picture."""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree

from core.errors import RecordError
from core.results import Box
from training.data.formats.pictures import Pictures, walk
from training.data.formats.rows import Note, Rows, around, pixels, split_in
from training.data.formats.xml_files import parse

MAX_BYTES = 256 * 2**20


def rows(data: Path, root: Path) -> Rows:
    """Each `<box>`, and the box around each turned one and `<polygon>`, in pixels.

    An export of a video is refused. Attributes of shapes are not read, and named.
    """
    pictures = Pictures(root)
    attributes: set[str] = set()
    for path in [data] if data.is_file() else walk(data):
        if path.suffix.lower() != ".xml":
            continue
        try:
            annotations = parse(path, MAX_BYTES)
            if annotations.find("track") is not None:
                raise ValueError('is of a video. Export it from CVAT as "CVAT for images", with its pictures')
        except (RecordError, ValueError, LookupError, ElementTree.ParseError) as problem:
            yield path.name, str(problem)
            continue
        for image in annotations.iter("image"):
            attributes.update(found.get("name", "") for found in image.iter("attribute"))
            yield from _annotated(path, pictures, image)
    if attributes:
        yield data.name, Note(f"attributes that are not read: {', '.join(sorted(attributes))}")


def _annotated(path: Path, pictures: Pictures, image: ElementTree.Element) -> Rows:
    name = image.get("name", "")
    try:
        relative = pictures.find(name, path.parent)
        size = pixels(image.get("width"), image.get("height"))
    except (ValueError, OverflowError) as problem:
        yield f"{path.name} {name}", str(problem)
        return
    split = split_in((*relative.parts[:-1], image.get("subset", "")))
    tags = [shape for shape in image if shape.tag == "tag"]
    if tags and len(tags) == len(image):
        yield f"{path.name} {name}", "has tags of the whole picture, which are not read, and no box"
    for number, shape in enumerate(image, 1):
        where = f"{path.name} {name} shape {number}"
        if shape in tags:
            continue
        try:
            yield where, pictures.boxed(relative, _box(shape), shape.get("label", "").strip(), split, size)
        except (ValueError, OverflowError) as problem:
            yield where, str(problem)


def _box(shape: ElementTree.Element) -> Box:
    if shape.tag == "box":
        x1, y1, x2, y2 = (float(shape.get(side, "nan")) for side in ("xtl", "ytl", "xbr", "ybr"))
        angle = math.radians(float(shape.get("rotation", "0")))  # clockwise, around its middle
        if not angle:
            return x1, y1, x2, y2
        cos, sin = abs(math.cos(angle)), abs(math.sin(angle))
        width, height = (x2 - x1) * cos + (y2 - y1) * sin, (x2 - x1) * sin + (y2 - y1) * cos
        cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
        return cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2
    if shape.tag == "polygon":
        pairs = (point.split(",") for point in shape.get("points", "").split(";") if point)
        return around((float(x), float(y)) for x, y in pairs)
    raise ValueError(f"a shape of the kind {shape.tag!r} is no box")
