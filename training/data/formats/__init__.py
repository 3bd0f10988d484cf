"""People's data, read from where they have it: a reader a format, all of which yield the rows of a MANIFEST.

`detect` goes by what is there. Of a file: `.h5` is packed, `.json` is COCO, CreateML or VIA by how it starts,
`.xml` is CVAT, `.yaml` is YOLO's, and a CSV is told by its header. Of a folder, the first that holds:

    kitti       text files called as pictures, of lines with 15 or 16 cells
    yolo        text files in a folder `labels`, or a list of class names and text files beside the pictures
    voc, cvat   an .xml that starts with `<annotation>`, or with `<annotations>`
    coco        a .json that starts with `images`, `annotations` or `categories`
    boxes-json  a .json that starts with `FileName`
    labelme     a .json with `shapes`
    createml    a .json list with `image` and `annotations`
    via         a .json with `regions`, or a .csv with `region_shape_attributes`
    file-names  at least half of the pictures are named <id>_<type>_<subject>_<MALE|FEMALE>_<age>
    csv         a .csv, and no pictures but beside it or in `images`
    folders     otherwise

What each reads and refuses: docs/training.md.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.errors import RecordError
from training.data.formats import (
    boxes_json,
    coco,
    createml,
    cvat,
    file_names,
    folders,
    kitti,
    labelme,
    tables,
    via,
    voc,
    yolo,
)
from training.data.formats.packed import packed_rows
from training.data.formats.rows import Rows
from training.data.formats.told import of_folder, of_json, of_xml, require_table

READERS: dict[str, Callable[[Path, Path], Rows]] = {
    "manifest": tables.manifest_rows,
    "csv": tables.csv_rows,
    "boxes": tables.boxes_rows,
    "boxes-by-name": tables.boxes_by_name_rows,
    "boxes-json": boxes_json.rows,
    "folders": folders.rows,
    "voc": voc.rows,
    "coco": coco.rows,
    "yolo": yolo.rows,
    "cvat": cvat.rows,
    "via": via.rows,
    "labelme": labelme.rows,
    "createml": createml.rows,
    "kitti": kitti.rows,
    "file-names": file_names.rows,
    "packed": lambda data, root: packed_rows(data),
}
ONE_FILE = {"manifest", "boxes", "boxes-by-name", "packed"}
EITHER = {"coco", "yolo", "cvat", "via", "createml", "csv"}
_OF_ANNOTATIONS = {"annotations", "annotation", "labels", "label", "xmls", "xml", "json"}


def read_rows(data: Path, root: Path, format: str, type_order: str = file_names.CORRECTED) -> Rows:
    """The rows of `data`, with pictures under `root`. Raises `RecordError` when it cannot be that format."""
    if format not in READERS:
        raise RecordError(f"Unknown format {format!r}. There are: {', '.join(READERS)}.")
    if (data.is_dir() and format in ONE_FILE) or (data.is_file() and format not in ONE_FILE | EITHER):
        raise RecordError(f"{data}: format {format} is read from a {'file' if data.is_dir() else 'folder'}.")
    if format == "file-names":
        return file_names.rows(data, root, type_order)
    if format == "csv" and data.is_dir():
        return tables.folder_rows(data, root)
    return READERS[format](data, root)


def root_of(data: Path) -> Path:
    """The folder under which the pictures of `data` lie: beside a folder of annotations, or that above it."""
    folder = data if data.is_dir() else data.parent
    while folder.name.lower() in _OF_ANNOTATIONS and folder.parent != folder:
        folder = folder.parent
    return folder


def detect(data: Path) -> str:
    """The name of the format in `READERS`. Raises `RecordError` when there is nothing at `data`."""
    if data.is_dir():
        return of_folder(data)
    if not data.exists():
        raise RecordError(f"{data}: is not there. Check the path.")
    suffix = data.suffix.lower()
    if suffix in (".h5", ".hdf5"):
        return "packed"
    if suffix == ".json":
        return of_json(data) or "coco"
    if suffix == ".xml":
        return of_xml(data) or "cvat"
    if suffix in (".yaml", ".yml"):
        return "yolo"
    require_table(data)
    return tables.kind_of(data)
