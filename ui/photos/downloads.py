"""What a visitor can take home. Files are made when their button is pressed, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePath

import streamlit as st

from core.exports import tables, to_coco, to_voc, zip_of
from core.pipeline import Pipeline
from ui.controls import download
from ui.photos import corrections, report
from ui.photos.answers import Answered
from ui.photos.settings import PhotoSettings
from ui.server import for_visit
from ui.turns import turn

Maker = Callable[[], bytes | str]


def offer(photos: list[Answered], pipeline: Pipeline, settings: PhotoSettings) -> None:
    """The menu of files of everything that was checked, and of what could not be read."""
    named = [(one.photo.name, one.result) for one in photos if one.result]
    not_read = [(one.photo.name, one.photo.error) for one in photos if one.photo.error]
    blurred = settings.blur_downloads
    files: dict[str, tuple[str, str, Maker]] = {}
    if named and not blurred:
        files["Annotated photos (zip)"] = _pictures(photos, settings, blurred=False)
    if named:
        files["Blurred photos (zip)"] = _pictures(photos, settings, blurred=True)
    # Without the mark of utf-8-sig, Excel spoils accents.
    files |= {
        "CSV": ("maskwise.csv", "text/csv", lambda: tables.to_csv(named, not_read).encode("utf-8-sig")),
        "JSON": ("maskwise.json", "application/json", lambda: tables.to_json(named, not_read)),
        "COCO": ("maskwise-coco.json", "application/json", lambda: to_coco(named)),
        "Pascal VOC": ("maskwise-voc.zip", "application/zip", lambda: to_voc(named)),
    }
    page = partial(report.page, photos, pipeline.classifier.card.name, pipeline.detector.name, settings)
    for hidden in (False, True):
        if hidden or not blurred:
            name = f"maskwise-report{'-blurred' if hidden else ''}.html"
            files[f"Report to print{', faces blurred' if hidden else ''} (HTML)"] = (
                name,
                "text/html",
                partial(page, blurred=hidden),
            )
    if n := len(corrections.kept()):
        files[f"Corrections ({n})"] = corrections.file(photos)
    with st.popover("Download", icon=":material/download:", key="downloads"):
        for label, (file_name, mime, make) in files.items():
            key = f"download_{label.partition(' (')[0]}"
            download(label, for_visit(make), file_name, mime, key=key, type="tertiary", help=None)


def _pictures(photos: list[Answered], settings: PhotoSettings, *, blurred: bool) -> tuple[str, str, Maker]:
    def drawn() -> Iterator[tuple[str, bytes]]:
        for one in photos:
            if one.result:
                with turn():
                    picture = one.photo.drawn_picture(one.result, boxes=settings.boxes, blurred=blurred)
                yield f"{PurePath(one.photo.name).stem}.jpg", picture

    name = "maskwise-pictures-blurred.zip" if blurred else "maskwise-pictures.zip"
    return name, "application/zip", lambda: zip_of(drawn())
