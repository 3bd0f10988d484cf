"""One page to print: how many faces wear their masks properly, and every photo small. It opens offline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from core.labels import appearance, concern
from core.photos import counts
from ui.html import render
from ui.photos.answers import Answered, in_order, summary, totals
from ui.photos.settings import PhotoSettings
from ui.turns import turn

_SIDE = 640  # pixels: a third of a printed page's width, sharp
_FACES_LISTED = 12  # of one photo; more are counted alone


@dataclass(frozen=True, slots=True)
class ReportedPhoto:
    """`lines` say what each face wears; `picture` is a JPEG."""

    name: str
    picture: bytes
    summary: str
    lines: tuple[str, ...]


def page(photos: list[Answered], model: str, detector: str, settings: PhotoSettings, *, blurred: bool) -> str:
    """HTML, everything in it, without scripts."""
    total = counts(one.result for one in photos if one.result)
    labels = sorted(total, key=concern)
    return render(
        "photo_report.html.j2",
        made=datetime.now().astimezone(),
        totals=totals(photos),
        answers=[(appearance(label), total[label]) for label in labels],
        faces=sum(total.values()),
        model=model,
        detector=detector,
        certainty=settings.choice.operating_point.min_margin,
        blurred=blurred,
        not_read=[(one.photo.name, one.photo.error) for one in photos if one.photo.error],
        photos=_photos(photos, settings, blurred),
    )


def _photos(photos: list[Answered], settings: PhotoSettings, blurred: bool) -> Iterator[ReportedPhoto]:
    for one in in_order(photos, "worst"):
        if one.result is None:
            continue
        with turn():
            picture = one.photo.drawn_picture(
                one.result, boxes=settings.boxes, blurred=blurred, max_side=_SIDE
            )
        faces = sorted(enumerate(one.result.faces, 1), key=lambda item: concern(item[1].answer))
        lines = [
            f"{n}. {appearance(face.answer).short}: {face.sentence}" for n, face in faces[:_FACES_LISTED]
        ]
        if len(faces) > _FACES_LISTED:
            lines.append(f"and {len(faces) - _FACES_LISTED} more faces")
        yield ReportedPhoto(one.photo.name, picture, summary(one.result), tuple(lines))
