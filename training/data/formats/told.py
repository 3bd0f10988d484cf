"""Which format a file or folder is, by what is there."""

from __future__ import annotations

import re
from os import SEEK_END
from pathlib import Path

from core.errors import RecordError
from core.files import open_regular_file
from core.images import is_picture
from training.data.formats import file_names, kitti, tables, yolo
from training.data.formats.pictures import walk

_PEEK = 2**15  # bytes of a file that show which format it is
_UNPACK = "is an archive. Unpack it, and name the folder"
_OTHERS = {
    **dict.fromkeys(
        (b"PK\3\4", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ", b"(\xb5/\xfd"), _UNPACK
    ),
    b"PAR1": "is a Parquet file. Save it as CSV",
    b"SQLite format 3": "is a database. Save its table as CSV",
}
_MANY = 20  # files of a kind looked at before they are taken for none
_CREATEML = re.compile(
    rb'^\s*\[\s*\{(?=.*"(image|imagefilename)")(?=.*"(annotations?|coordinates)")', re.DOTALL
)


def of_folder(folder: Path) -> str:
    """The name of its format in `READERS`."""
    files = list(walk(folder))
    pictures = [path for path in files if is_picture(path)]
    of_suffix = {
        suffix: [path for path in files if path.suffix.lower() == suffix][:_MANY]
        for suffix in (".xml", ".json")
    }
    found_tables = [path for path in files if path.suffix.lower() in (".csv", ".tsv")][:_MANY]
    if kitti.is_kitti(folder, files):
        return "kitti"
    if yolo.is_yolo(folder) or (yolo.is_folder_of_labels(folder) and yolo.is_yolo(folder.parent)):
        return "yolo"
    stems = {path.with_suffix("") for path in pictures}
    for path in of_suffix[".xml"]:
        if found := of_xml(path):
            return found
        if path.parent.name.lower() == "annotations" or path.with_suffix("") in stems:
            return "voc"
    for path in of_suffix[".json"]:
        if found := of_json(path):
            return found
    if any(tables.is_via(path) for path in found_tables):
        return "via"
    if pictures and sum(map(file_names.is_named_so, pictures)) * 2 >= len(pictures):
        return "file-names"
    beside = {path.parent for path in found_tables}
    if beside and all(path.parent in beside or path.parent.name.lower() == "images" for path in pictures):
        return "csv"
    return "folders"


def of_json(path: Path) -> str:
    """Empty where it is none that is read."""
    start = _start(path)
    if b'"FileName"' in start:
        return "boxes-json"
    if b'"shapes"' in start or b'"imagePath"' in start:
        return "labelme"
    if b'"regions"' in start or b"_via_" in start or (b'"project"' in start and b'"pid"' in start):
        return "via"
    if _CREATEML.search(start):
        return "createml"
    return "coco" if any(key in start for key in (b'"images"', b'"annotations"', b'"categories"')) else ""


def of_xml(path: Path) -> str:
    """Empty where it is none that is read."""
    start = _start(path)
    if re.search(rb"<annotations[\s>]", start):
        return "cvat"
    return "voc" if re.search(rb"<annotation[\s>]", start) else ""


def _start(path: Path) -> bytes:
    """And the end of it, since programs that sort their keys put a picture before what tells the format."""
    try:
        with open_regular_file(path) as file:
            start = file.read(_PEEK)
            file.seek(max(_PEEK, file.seek(0, SEEK_END) - _PEEK))
            return start + b" " + file.read(_PEEK)
    except OSError:
        return b""


def require_table(path: Path) -> None:
    """Raises `RecordError` that says what to do with a file that is none of the text files that are read."""
    start = _start(path)
    named = next((words for first, words in _OTHERS.items() if start.startswith(first)), "")
    if path.suffix.lower() in (".xlsx", ".xls", ".ods", ".numbers"):
        named = "is a spreadsheet. Save it as CSV"
    elif is_picture(path):
        named = "is a picture. Name the folder of the pictures, or their annotations"
    elif not named and b"\0" in start and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        named = "is no text. Give a folder of pictures, or a CSV with the columns path,label"
    if named:
        raise RecordError(f"{path}: {named}.")
