"""Pascal VOC: an XML file a picture, as labelImg writes them and Kaggle's andrewmvd set has them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from core.errors import RecordError
from core.records import read_bytes
from training.data.formats.pictures import Pictures, walk
from training.data.formats.rows import Rows, split_in

MAX_BYTES = 2**20  # of a picture's annotations; a crowd of 115 faces has some 40 kB


def rows(data: Path, root: Path) -> Rows:
    """Each `<object>` of each file."""
    pictures = Pictures(root)
    for path in walk(data):
        if path.suffix.lower() != ".xml":
            continue
        try:
            annotation = _parse(path)
            relative = _picture(pictures, path, annotation.findtext("filename", ""))
            size = _size(annotation)
        except (RecordError, ValueError, LookupError, ElementTree.ParseError) as problem:
            yield path.name, str(problem)
            continue
        for number, thing in enumerate(annotation.findall("object"), 1):
            where = f"{path.name} object {number}"
            try:
                corners = (thing.findtext(f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax"))
                x1, y1, x2, y2 = (float(corner or "nan") for corner in corners)
                label = thing.findtext("name", "").strip()
                split = split_in(relative.parts[:-1])
                yield where, pictures.boxed(relative, (x1, y1, x2, y2), label, split, size)
            except ValueError as problem:
                yield where, str(problem)


class _WithoutDoctype(ElementTree.TreeBuilder):
    """A DOCTYPE may declare entities that grow a small file beyond any memory. No annotation needs one."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise ValueError("has a DOCTYPE, which annotations do not need. It is not read")


def _parse(path: Path) -> ElementTree.Element:
    content = read_bytes(path, MAX_BYTES, linked=True)
    parser = ElementTree.XMLParser(target=_WithoutDoctype())  # noqa: S314 - so nothing unfolds
    return ElementTree.fromstring(content, parser)  # noqa: S314 - as above


def _picture(pictures: Pictures, annotation: Path, name: str) -> Path:
    """By the name in the file or, since pictures get renamed together with it, by the file's own."""
    try:
        return pictures.find(name.strip(), annotation.parent)
    except ValueError:
        return pictures.of_stem(annotation.stem, annotation.parent)


def _size(annotation: ElementTree.Element) -> tuple[int, int] | None:
    width, height = (annotation.findtext(f"size/{side}") for side in ("width", "height"))
    return (int(width), int(height)) if width and height else None
