"""A job as one HTML file that needs nothing else: counts, and pictures of the faces worth a look."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from core.bulk.reading import PictureReader
from core.bulk.rows import entry_of
from core.bulk.summary import CloseCall
from core.drawing import blur_faces
from core.errors import ImageError
from core.html import environment
from core.images import crop_face, read_image, shrunk, to_jpeg
from core.labels import Appearance, appearance
from core.results import Frame

_SIDE, _AROUND = 200, 1.8  # pixels of a picture; of the face's box
MAX_FOLDERS = 200  # rows of the table


@dataclass(frozen=True, slots=True)
class _Shown:
    """A face in the report. `jpeg` is base64, empty where its picture is no longer to be had."""

    row: dict[str, Any]
    look: Appearance
    jpeg: str


def html_of(summary: dict[str, Any], close_calls: list[CloseCall], *, blur: bool) -> str:
    """The report. Pictures are read again, those of one archive from front to back."""
    reader, pictures = PictureReader(), dict[int, str]()
    in_order = sorted(close_calls, key=lambda call: (entry_of(call.row).source, entry_of(call.row).at))
    for call in in_order:
        pictures[id(call)] = _picture(call, reader, blur)
    reader.close()
    shown = [_Shown(call.row, appearance(call.row["answer"]), pictures[id(call)]) for call in close_calls]
    answers = {answer: appearance(answer) for answer in summary["answers"]}
    folders = sorted(summary["folders"], key=lambda folder: -folder["pictures"])
    return (
        _environment()
        .get_template("report.html.j2")
        .render(s=summary, answers=answers, folders=folders, MAX_FOLDERS=MAX_FOLDERS, faces=shown, blur=blur)
    )


def _picture(call: CloseCall, reader: PictureReader, blur: bool) -> str:
    entry = entry_of(call.row)
    try:
        content = reader.read(entry)
        if hashlib.sha256(content).hexdigest() != call.row["sha256"]:
            return ""  # another picture by now, whose faces are elsewhere and would not be blurred
        rgb = read_image(content, entry.name).rgb
    except ImageError:
        return ""
    if blur:
        rgb = blur_faces(rgb, call.boxes)
    crop = crop_face(Frame(rgb), tuple(call.row["box"]), _AROUND)
    return base64.b64encode(to_jpeg(shrunk(crop, _SIDE))).decode()


@cache
def _environment() -> Environment:
    return environment(Path(__file__).parent / "templates")
