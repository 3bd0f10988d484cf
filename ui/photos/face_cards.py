"""The cards beside a picture: one a face, as one block of HTML that wraps on a narrow screen."""

from __future__ import annotations

from collections.abc import Sequence

from core.images import to_jpeg
from core.mask_rendering import how_to_wear
from core.results import FaceResult
from ui.html import render

CARDS_BESIDE = 3  # as high as a picture
CARDS_AT_ONCE = 24  # faces of a crowd beyond these wait behind a click


def show_face_cards(faces: Sequence[FaceResult], thumbs: Sequence[bytes], first: int = 1) -> str:
    """HTML list of cards; `thumbs` are JPEGs, one a face, `first` the number of the first face."""
    subtypes = {face.prediction.subtype for face in faces if not face.cannot_tell}
    what_to_do = {subtype: to_jpeg(how_to_wear(subtype).rgb) for subtype in subtypes if subtype}
    return render(
        "face_cards.html.j2", cards=zip(faces, thumbs, strict=True), first=first, what_to_do=what_to_do
    )
