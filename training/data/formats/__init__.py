"""People's data, read from where they have it: a reader a format, all of which yield the rows of a MANIFEST.

`detect` goes by what is there. Of a file: `.h5` is packed, `.json` is COCO, `.yaml` is YOLO's, and a CSV is
told by its header. Of a folder, the first of these that holds:

    yolo        text files in a folder `labels`, or a list of class names and text files beside the pictures
    voc         an .xml in a folder `annotations` or beside a picture of its name
    coco        a .json that starts with `images`, `annotations` or `categories`
    boxes-json  a .json that starts with `FileName`
    file-names  at least half of the pictures are named <id>_<type>_<subject>_<MALE|FEMALE>_<age>
    folders     otherwise
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.errors import RecordError
from training.data.formats import boxes_json, coco, file_names, folders, tables, voc, yolo
from training.data.formats.packed import packed_rows
from training.data.formats.pictures import is_picture_name, walk
from training.data.formats.rows import Rows

READERS: dict[str, Callable[[Path, Path], Rows]] = {
    "manifest": tables.manifest_rows,
    "boxes": tables.boxes_rows,
    "boxes-by-name": tables.boxes_by_name_rows,
    "boxes-json": boxes_json.rows,
    "folders": folders.rows,
    "voc": voc.rows,
    "coco": coco.rows,
    "yolo": yolo.rows,
    "file-names": file_names.rows,
    "packed": lambda data, root: packed_rows(data),
}
_ONE_FILE = {"manifest", "boxes", "boxes-by-name", "packed"}
_EITHER = {"coco", "yolo"}
_PEEK = 4096  # bytes of a JSON file that show which format it is
_MANY = 20  # JSON files looked at before it is taken for none


def read_rows(data: Path, root: Path, format: str, type_order: str = file_names.CORRECTED) -> Rows:
    """The rows of `data`, with pictures under `root`. Raises `RecordError` when it cannot be that format."""
    if format not in READERS:
        raise RecordError(f"Unknown format {format!r}. There are: {', '.join(READERS)}.")
    if (data.is_dir() and format in _ONE_FILE) or (data.is_file() and format not in _ONE_FILE | _EITHER):
        raise RecordError(f"{data}: format {format} is read from a {'file' if data.is_dir() else 'folder'}.")
    if format == "file-names":
        return file_names.rows(data, root, type_order)
    return READERS[format](data, root)


def root_of(data: Path) -> Path:
    """The folder under which the pictures of `data` lie."""
    folder = data if data.is_dir() else data.parent
    return folder.parent if folder.name.lower() == "annotations" else folder


def detect(data: Path) -> str:
    """The name of the format in `READERS`. Raises `RecordError` when there is nothing at `data`."""
    if data.is_dir():
        return _of_folder(data)
    if not data.exists():
        raise RecordError(f"{data}: is not there. Check the path.")
    if data.suffix.lower() in (".h5", ".hdf5"):
        return "packed"
    if data.suffix.lower() == ".json":
        return "coco"
    if data.suffix.lower() in (".yaml", ".yml"):
        return "yolo"
    return "boxes" if tables.is_boxes(data) else "manifest"


def _of_folder(folder: Path) -> str:
    files = list(walk(folder))
    pictures = [path for path in files if is_picture_name(path)]
    stems = {path.with_suffix("") for path in pictures}
    if yolo.is_yolo(folder):
        return "yolo"
    if any(
        path.suffix.lower() == ".xml"
        and (path.parent.name.lower() == "annotations" or path.with_suffix("") in stems)
        for path in files
    ):
        return "voc"
    for path in [path for path in files if path.suffix.lower() == ".json"][:_MANY]:
        with path.open("rb") as file:
            start = file.read(_PEEK)
        if b'"FileName"' in start:
            return "boxes-json"
        if any(key in start for key in (b'"images"', b'"annotations"', b'"categories"')):
            return "coco"
    if pictures and sum(map(file_names.is_named_so, pictures)) * 2 >= len(pictures):
        return "file-names"
    return "folders"
