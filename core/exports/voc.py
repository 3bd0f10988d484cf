"""Results as Pascal VOC XML."""

from __future__ import annotations

import math
import posixpath
from xml.etree import ElementTree

from core.exports.archive import zip_of
from core.exports.names import NamedResults, category, with_file_names
from core.results import FaceResult, Result


def to_voc(results: NamedResults) -> bytes:
    """A zip of Pascal VOC annotations, one XML a picture. Boxes are whole pixels, counted from 1, inclusive.

    The name of an object is its label, or `cannot_tell`, which is `difficult`: evaluations leave it out.
    """
    return zip_of(
        (posixpath.splitext(name)[0] + ".xml", _voc_xml(name, result))
        for name, result in with_file_names(results)
    )


def _voc_xml(name: str, result: Result) -> bytes:
    root = ElementTree.Element("annotation")
    for tag, text in (("folder", ""), ("filename", name)):
        ElementTree.SubElement(root, tag).text = text
    ElementTree.SubElement(ElementTree.SubElement(root, "source"), "database").text = "Maskwise"
    size = {"width": result.width, "height": result.height, "depth": 3}
    _add_numbers(ElementTree.SubElement(root, "size"), size)
    _add_numbers(root, {"segmented": 0})
    for face in result.faces:
        thing = ElementTree.SubElement(root, "object")
        ElementTree.SubElement(thing, "name").text = category(face)
        ElementTree.SubElement(thing, "pose").text = "Unspecified"
        flags = {"truncated": face.detection.visible < 1, "difficult": face.cannot_tell is not None}
        _add_numbers(thing, {flag: int(value) for flag, value in flags.items()})
        _add_numbers(ElementTree.SubElement(thing, "bndbox"), _voc_box(face, result))
    ElementTree.indent(root)
    xml: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml


def _voc_box(face: FaceResult, result: Result) -> dict[str, int]:
    """Pixels that the box touches, the picture's first being 1, clipped to the picture."""
    x1, y1, x2, y2 = face.detection.box
    xmin = min(max(math.floor(x1) + 1, 1), result.width)
    ymin = min(max(math.floor(y1) + 1, 1), result.height)
    return {
        "xmin": xmin,
        "ymin": ymin,
        "xmax": max(xmin, min(math.ceil(x2), result.width)),
        "ymax": max(ymin, min(math.ceil(y2), result.height)),
    }


def _add_numbers(parent: ElementTree.Element, numbers: dict[str, int]) -> None:
    for tag, number in numbers.items():
        ElementTree.SubElement(parent, tag).text = str(number)
