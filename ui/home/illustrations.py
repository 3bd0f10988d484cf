"""Drawings of a face with its mask worn in each way. SVG, so sharp at any size."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from core.labels import WEAR_4, Appearance, appearance
from ui.html import render


@cache
def drawing(name: str) -> str:
    """SVG of a face that wears its mask as a label of `WEAR_4` says, what is covered dashed; or `favicon`.

    Each is a picture of its own, so it asks the browser for the preference that the app's theme follows.
    """
    return (Path(__file__).parent / f"drawings/{name}.svg").read_text(encoding="utf-8")


FAVICON = drawing("favicon")


def side_by_side(
    figures: Iterable[tuple[bytes, Appearance, str]], kind: str, what: str, least_rem: int
) -> str:
    """HTML of pictures with an answer and a sentence, as many in a row as have room, each at least so wide.

    All are of that `kind` of image, as its media type ends; `what` says what they are.
    """
    return render("wearings.html.j2", figures=figures, kind=kind, what=what, least_rem=least_rem)


def wearings(labels: Iterable[str] = WEAR_4) -> str:
    """HTML of the ways to wear a mask, the proper one first: drawing, icon, word, sentence.

    The answer to each is that of `labels` which means it.
    """
    known = tuple(labels)
    answers = {look.worn: look for look in map(appearance, known)}
    figures = []
    for label in WEAR_4:
        own = appearance(label)
        figures.append(
            (drawing(label).encode(), own if label in known else answers.get(own.worn, own), own.sentence)
        )
    return side_by_side(figures, "svg+xml", "Drawing of a face.", 9)  # two on a phone, four on a desk
