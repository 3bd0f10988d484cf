"""Drawings of a face with its mask worn in each way. SVG, so sharp at any size."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from core.labels import WEAR_4, Appearance, appearance
from ui.theme import chip


@cache
def drawing(name: str) -> str:
    """SVG of a face that wears its mask as a label of `WEAR_4` says, what is covered dashed; or `favicon`.

    Each is a picture of its own, so it asks the browser for the preference that the app's theme follows.
    """
    return (Path(__file__).parent / f"drawings/{name}.svg").read_text(encoding="utf-8")


FAVICON = drawing("favicon")


def _figure(label: str) -> str:
    look = appearance(label)
    return figure(drawing(label).encode(), "svg+xml", "Drawing of a face.", look, look.sentence)


def figure(picture: bytes, kind: str, what: str, look: Appearance, sentence: str) -> str:
    """HTML of a picture of that kind of image, under it the answer and a sentence. `what` says what it is."""
    source, said = base64.b64encode(picture).decode(), html.escape(sentence)
    return (
        f'<figure><img width="100%" alt="{what} {said}" src="data:image/{kind};base64,{source}">'
        f"<figcaption>{chip(look)}<br>{said}</figcaption></figure>"
    )


def side_by_side(figures: Iterable[str], least_rem: int) -> str:
    """HTML of as many figures in a row as there is room for, each at least so wide."""
    columns = f"grid-template-columns:repeat(auto-fit,minmax({least_rem}rem,1fr))"
    return (
        "<style>.wearings{display:grid;gap:1rem}.wearings figure{margin:0}</style>"
        f'<div class="wearings" style="{columns}">{"".join(figures)}</div>'
    )


def wearings() -> str:
    """HTML of the ways to wear a mask, the proper one first: drawing, icon, word, sentence."""
    return side_by_side(map(_figure, WEAR_4), 9)  # two on a phone, four on a desk
