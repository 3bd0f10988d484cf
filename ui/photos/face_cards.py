"""The cards beside a picture: one a face, as one block of HTML that wraps on a narrow screen."""

from __future__ import annotations

from collections.abc import Sequence

from core.results import FaceResult
from ui.html import render


def show_face_cards(faces: Sequence[FaceResult], thumbs: Sequence[bytes], first: int = 1) -> str:
    """HTML list of cards; `thumbs` are JPEGs, one a face, `first` the number of the first face."""
    return render("face_cards.html.j2", cards=zip(faces, thumbs, strict=True), first=first)
