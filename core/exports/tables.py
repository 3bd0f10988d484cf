"""Results out: CSV, JSON, COCO and Pascal VOC, and zips of files. All in memory, nothing on disk.

Every function takes pairs of a picture's name and its `Result`. A name that occurs twice gets " (2)". Tables
(CSV, JSON) keep names as they came; formats that name files (COCO, VOC, zip) share one flat, safe form.
"""

from __future__ import annotations

import csv
import io
import json
import math
import posixpath
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from core.images.decode import printable
from core.labels import CANNOT_TELL
from core.results import FaceResult, Result
from core.video.counting import Event

NamedResults = Sequence[tuple[str, Result]]

_FORMULA_STARTS = tuple(
    "=+-@\t\r\n＝＋－＠"
)  # OWASP's list of what spreadsheets run, full-width forms included
_RESERVED = re.compile(r'[<>:"/\\|?*]')  # what Windows does not allow in a file name
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)  # nor these, with any suffix
_LONGEST_STEM, _LONGEST_SUFFIX = (
    50,
    10,
)  # characters: in UTF-8 at most 240 of the 255 bytes that a disk allows
_COMPRESSED = (".jpg", ".png", ".webp")  # deflating these again costs time and saves nothing


def to_csv(results: NamedResults) -> str:
    """One row a face; a picture without faces keeps one row, its face fields empty.

    Columns: image, face (from 1), x1, y1, x2, y2, score, answer, label, probability_<label> for every label,
    reason and advice when it cannot be told, model, detector. Text that a spreadsheet would run as a formula
    gets a ' in front.
    """
    labels = _labels(results)
    header = ["image", "face", "x1", "y1", "x2", "y2", "score", "answer", "label"]
    header += [f"probability_{label}" for label in labels] + ["reason", "advice", "model", "detector"]
    buffer = io.StringIO(newline="")
    # Text is quoted, so that a comma or semicolon in a name starts no cell of its own.
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(map(harmless, header))
    for name, result in _with_unique_names(results):
        rows = [_face_cells(number, face, labels) for number, face in enumerate(result.faces, 1)]
        for cells in rows or [[""] * (len(header) - 3)]:
            writer.writerow(map(harmless, [name, *cells, result.model, result.detector]))
    return buffer.getvalue()


def events_to_csv(events: Iterable[Event]) -> str:
    """One row an event: time (ISO 8601, with zone), id, label, confidence (empty when it cannot be told)."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(("time", "id", "label", "confidence"))
    for event in events:
        confidence = "" if math.isnan(event.confidence) else round(event.confidence, 3)
        time = event.time.isoformat(timespec="milliseconds")
        writer.writerow((time, event.id, harmless(event.label), confidence))
    return buffer.getvalue()


def to_json(results: NamedResults) -> str:
    """A list with the fields of `python -m core check --json`, and model and detector, a picture."""
    pictures = [
        result.as_json(name) | {"model": result.model, "detector": result.detector}
        for name, result in _with_unique_names(results)
    ]
    return json.dumps(pictures, ensure_ascii=False, allow_nan=False, indent=2)


def to_coco(results: NamedResults) -> str:
    """COCO object detection, with a score like its result files. `bbox` is x, y, width, height in pixels.

    The category is the answer: one for each label, and `cannot_tell`. What the model itself said of the face
    stays in `attributes`: label, probabilities, and why it cannot be told.
    """
    categories = {name: number for number, name in enumerate([*_labels(results), CANNOT_TELL], 1)}
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, (name, result) in enumerate(_with_file_names(results), 1):
        images.append({"id": image_id, "file_name": name, "width": result.width, "height": result.height})
        for face in result.faces:
            plain = face.as_json()
            x1, y1, x2, y2 = plain["box"]
            width, height = round(x2 - x1, 1), round(y2 - y1, 1)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": categories[face.answer],
                    "bbox": [x1, y1, width, height],
                    "area": round(width * height, 2),
                    "segmentation": [],
                    "iscrowd": 0,
                    "score": plain["score"],
                    "attributes": {key: plain[key] for key in ("label", "probabilities", "cannot_tell")}
                    | {"model": result.model, "detector": result.detector},
                }
            )
    dataset = {
        "info": {"description": "Faces and how they wear a mask, as Maskwise answered"},
        "licenses": [],
        "images": images,
        "annotations": annotations,
        "categories": [{"id": n, "name": name, "supercategory": "face"} for name, n in categories.items()],
    }
    return json.dumps(dataset, ensure_ascii=False, allow_nan=False, indent=2)


def to_voc(results: NamedResults) -> bytes:
    """A zip of Pascal VOC annotations, one XML a picture. Boxes are whole pixels, counted from 1, inclusive.

    The name of an object is the answer; one that cannot be told is `difficult`, which evaluations leave out.
    """
    return zip_of(
        (posixpath.splitext(name)[0] + ".xml", _voc_xml(name, result))
        for name, result in _with_file_names(results)
    )


def zip_of(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip of names and contents. Names are made flat, safe and unique; contents are taken one at a time."""
    buffer = io.BytesIO()
    taken: set[str] = set()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files:
            member = zipfile.ZipInfo(
                _unused(file_name(name), taken)
            )  # dated 1980: the same files, the same zip
            packed = member.filename.lower().endswith(_COMPRESSED)
            member.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return buffer.getvalue()


def file_name(name: str) -> str:
    """A stranger's file name, path or URL as a plain name that any system can hold and no path can leave."""
    if name.lower().startswith(("http://", "https://")):
        name = urlsplit(name).path
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    # One spelling of an accented letter: macOS takes the two of Unicode for the same name.
    plain = unicodedata.normalize("NFC", printable(last, 200)) if last else ""
    plain = _RESERVED.sub("_", plain).strip(". ") or "picture"
    stem, suffix = posixpath.splitext(plain)
    plain = stem[:_LONGEST_STEM].rstrip() + suffix[:_LONGEST_SUFFIX].rstrip()
    return f"_{plain}" if _DEVICES.match(plain) else plain


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
        ElementTree.SubElement(thing, "name").text = face.answer
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


def _face_cells(number: int, face: FaceResult, labels: Sequence[str]) -> list[Any]:
    plain = face.as_json()
    why = plain["cannot_tell"] or {"reason": "", "advice": ""}
    return [
        *(number, *plain["box"], plain["score"], face.answer, plain["label"]),
        *(plain["probabilities"].get(label, "") for label in labels),
        *(why["reason"], why["advice"]),
    ]


def harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell


def _labels(results: NamedResults) -> list[str]:
    """Every label that the models of these results know, in label order. Empty when there is no face."""
    faces = (face for _, result in results for face in result.faces)
    return list(dict.fromkeys(label for face in faces for label in face.prediction.labels))


def _with_unique_names(results: NamedResults) -> Iterator[tuple[str, Result]]:
    taken: set[str] = set()
    for name, result in results:
        # A path that is not UTF-8 comes as lone surrogates, which no file can be written with.
        yield _unused(name.encode("utf-8", "replace").decode("utf-8"), taken), result


def _with_file_names(results: NamedResults) -> Iterator[tuple[str, Result]]:
    taken: set[str] = set()
    for name, result in results:
        yield _unused(file_name(name), taken), result


def _unused(name: str, taken: set[str]) -> str:
    """The name, or the name with a number that is not taken yet. Many disks do not tell A from a."""
    stem, suffix = posixpath.splitext(name)
    number = 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem} ({number}){suffix}"
    taken.add(name.casefold())
    return name
