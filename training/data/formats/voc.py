"""Pascal VOC: an XML file a picture, as labelImg writes them and Kaggle's andrewmvd set has them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from core.errors import RecordError
from training.data.formats.pictures import Pictures, walk
from training.data.formats.readings import CORNERS, Readings
from training.data.formats.rows import Rows, pixels, split_in
from training.data.formats.xml_files import parse

MAX_BYTES = 2**20  # of a picture's annotations; a crowd of 115 faces has some 40 kB


def rows(data: Path, root: Path) -> Rows:
    """Each `<object>` of each file."""
    pictures, readings = Pictures(root), Readings(CORNERS)
    for path in walk(data):
        if path.suffix.lower() != ".xml":
            continue
        try:
            annotation = parse(path, MAX_BYTES)
            relative = _picture(pictures, path, annotation.findtext("filename") or "")
            size = pixels(*(annotation.findtext(f"size/{side}") for side in ("width", "height")))
        except (RecordError, ValueError, LookupError, OverflowError, ElementTree.ParseError) as problem:
            yield path.name, str(problem)
            continue
        for number, thing in enumerate(annotation.findall("object"), 1):
            where = f"{path.name} object {number}"
            try:
                corners = (thing.findtext(f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax"))
                x1, y1, x2, y2 = (float(corner or "nan") for corner in corners)
                label = (thing.findtext("name") or "").strip()
                split, box = split_in(relative.parts[:-1]), (x1, y1, x2, y2)
                yield where, pictures.boxed(relative, box, label, split, size, readings=readings)
            except ValueError as problem:
                yield where, str(problem)
    readings.require(data)


def _picture(pictures: Pictures, annotation: Path, name: str) -> Path:
    """By the name in the file or, since pictures get renamed together with it, by the file's own."""
    try:
        return pictures.find(name.strip(), annotation.parent)
    except ValueError:
        return pictures.of_stem(annotation.stem, annotation.parent)
