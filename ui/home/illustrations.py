"""Drawings of a face with its mask worn in each way. SVG, so sharp at any size."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Iterable

from core.labels import WEAR_4, Appearance, appearance
from ui.theme import chip

# Picture coordinates: x to the right, y down, face in the middle of 200 x 180.
_MIDDLE, _EYES, _NOSE, _MOUTH, _CHIN = 84, 74, 104, 122, 146
_HEAD_X, _HEAD_Y, _HEAD_CENTRE = 48, 62, 86  # half axes and centre of the head's ellipse

# Height of the mask's upper and lower edge on the mid-line, by how it is worn.
_MASK_EDGES = {
    "covers_nose_and_mouth": (84, 153),
    "covers_mouth_only": (110, 153),
    "below_mouth": (130, 158),
}
_SKIN, _LINE, _CLOTH, _CLOTH_LINE = "#d8b48f", "#4a3426", "#9cd0f0", "#1f6fa3"


def _half_width(y: float) -> float:
    """Half the head's width at height y."""
    return _HEAD_X * math.sqrt(max(0.0, 1 - ((y - _HEAD_CENTRE) / _HEAD_Y) ** 2))


def _head() -> str:
    left, right = _MIDDLE - _HEAD_X, _MIDDLE + _HEAD_X
    eyes = "".join(
        f'<circle cx="{x}" cy="{_EYES}" r="4" fill="{_LINE}"/>'
        f'<path d="M{x - 9} {_EYES - 12}q9 -5 18 0" fill="none" stroke="{_LINE}" stroke-width="3"/>'
        for x in (_MIDDLE - 19, _MIDDLE + 19)
    )
    return (
        f'<g fill="{_SKIN}" stroke="{_LINE}" stroke-width="2">'
        f'<ellipse cx="{left}" cy="84" rx="7" ry="12"/><ellipse cx="{right}" cy="84" rx="7" ry="12"/>'
        f'<ellipse cx="{_MIDDLE}" cy="{_HEAD_CENTRE}" rx="{_HEAD_X}" ry="{_HEAD_Y}"/></g>'
        f'<path d="M{left} 76C{left + 2} 8 {right - 2} 8 {right} 76C{right - 14} 58 {right - 20} 44 '
        f'{_MIDDLE} 46C{left + 20} 44 {left + 14} 58 {left} 76Z" fill="{_LINE}"/>{eyes}'
    )


def _features(style: str) -> str:
    """Nose, mouth and chin as lines."""
    return (
        f'<g fill="none" stroke-linecap="round" {style}>'
        f'<path d="M{_MIDDLE - 2} {_NOSE - 20}q-9 14 -6 19q8 5 16 0"/>'
        f'<path d="M{_MIDDLE - 14} {_MOUTH}q14 8 28 0"/>'
        f'<path d="M{_MIDDLE - 12} {_CHIN - 4}q12 5 24 0"/></g>'
    )


def _mask(top: float, bottom: float) -> str:
    side_top, side_bottom = top + 9, min(bottom - 12, 136)
    x_top, x_bottom = _half_width(side_top) + 1, _half_width(side_bottom) + 1
    left, right = _MIDDLE - x_top, _MIDDLE + x_top
    folds = "".join(
        f'<path d="M{_MIDDLE - x * 0.72:.0f} {y:.0f}q{x * 0.72:.0f} 7 {x * 1.44:.0f} 0" stroke-width="1.5"/>'
        for y in (top + (bottom - top) * share for share in (0.4, 0.65))
        for x in (_half_width(y),)
    )
    ear_left, ear_right = _MIDDLE - _HEAD_X, _MIDDLE + _HEAD_X
    return (
        f'<g fill="none" stroke="{_CLOTH_LINE}" stroke-width="2" stroke-linejoin="round">'
        f'<path d="M{left:.0f} {side_top}Q{ear_left - 3} {side_top - 4} {ear_left - 4} 78'
        f'M{right:.0f} {side_top}Q{ear_right + 3} {side_top - 4} {ear_right + 4} 78"/>'
        f'<path fill="{_CLOTH}" d="M{left:.0f} {side_top}Q{_MIDDLE - 24} {side_top} {_MIDDLE} {top}'
        f"Q{_MIDDLE + 24} {side_top} {right:.0f} {side_top}L{_MIDDLE + x_bottom:.0f} {side_bottom}"
        f"C{_MIDDLE + 26} {bottom + 2} {_MIDDLE - 26} {bottom + 2} {_MIDDLE - x_bottom:.0f} {side_bottom}"
        f'Z"/>{folds}</g>'
    )


def _names() -> str:
    """The words nose, mouth and chin beside the face, each with a line to it."""
    return "".join(
        f'<path class="line" d="M{_MIDDLE + 18} {y}H148" stroke-dasharray="2 3"/>'
        f'<text x="151" y="{y + 4}">{word}</text>'
        for word, y in (("nose", _NOSE), ("mouth", _MOUTH), ("chin", _CHIN))
    )


def face(wearing: str) -> str:
    """SVG of a face that wears its mask as a label of `WEAR_4` says. What is covered shows dashed."""
    lines = _features(f'stroke="{_LINE}" stroke-width="3"')
    if wearing in _MASK_EDGES:
        lines += _mask(*_MASK_EDGES[wearing])
        lines += _features(f'stroke="{_CLOTH_LINE}" stroke-width="1.5" stroke-dasharray="2 4"')
    return _svg("20 12 172 154", f"<style>{_INK}</style>{_head()}{lines}{_names()}")


# The drawing is a picture of its own, so it asks the browser for the preference that the app's theme follows.
_INK = (
    "text{font:13px sans-serif;fill:#1a2530}.line{stroke:#1a2530}"
    "@media(prefers-color-scheme:dark){text{fill:#e8edf2}.line{stroke:#e8edf2}}"
)


def _svg(view_box: str, content: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view_box}">{content}</svg>'


def _figure(label: str) -> str:
    look = appearance(label)
    return figure(face(label).encode(), "svg+xml", "Drawing of a face.", look, look.sentence)


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


FAVICON = _svg("30 18 108 136", _head() + _mask(*_MASK_EDGES["covers_nose_and_mouth"]))
