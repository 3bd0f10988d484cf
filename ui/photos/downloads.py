"""What a visitor can take home. Files are made when their button is pressed, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePath

import streamlit as st

from core.exports import tables, to_coco, to_voc, zip_of
from core.photos import Photo
from core.results import Result
from ui.controls import download
from ui.photos.settings import PhotoSettings
from ui.server import for_visit
from ui.turns import turn


def offer(photos: list[Photo], results: list[Result], settings: PhotoSettings) -> None:
    """Download buttons for everything that was checked."""
    named = [(photo.name, result) for photo, result in zip(photos, results, strict=True)]

    def pictures() -> Iterator[tuple[str, bytes]]:
        for photo, result in zip(photos, results, strict=True):
            with turn():
                drawn = photo.drawn_picture(result, boxes=settings.boxes, blurred=settings.blur_downloads)
            yield f"{PurePath(photo.name).stem}.jpg", drawn

    files: dict[str, tuple[str, str, Callable[[], bytes | str]]] = {
        "Pictures": ("maskwise-pictures.zip", "application/zip", lambda: zip_of(pictures())),
        # Without the mark of utf-8-sig, Excel spoils accents.
        "CSV": ("maskwise.csv", "text/csv", lambda: tables.to_csv(named).encode("utf-8-sig")),
        "JSON": ("maskwise.json", "application/json", lambda: tables.to_json(named)),
        "COCO": ("maskwise-coco.json", "application/json", lambda: to_coco(named)),
        "Pascal VOC": ("maskwise-voc.zip", "application/zip", lambda: to_voc(named)),
    }
    st.markdown("**Download**", width="content")
    for label, (file_name, mime, make) in files.items():
        download(label, for_visit(make), file_name, mime, key=f"download_{label}")
