"""The cards beside a picture: one a face, as one block of HTML that wraps on a narrow screen."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from core.labels import appearance
from core.results import FaceResult
from ui.theme import chip

_STYLE = """
<style>
.mw-cards {display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: .75rem;
  list-style: none; margin: 0 !important; padding: 0 !important}
.mw-card {display: flex; gap: .75rem; border: 1px solid rgba(128,128,128,.35); border-radius: .5rem;
  padding: .6rem; margin: 0 !important; font-size: .875rem; line-height: 1.35}
.mw-card img {width: 80px; height: 80px; border-radius: .35rem; object-fit: cover; flex: none}
.mw-card div {min-width: 0; flex: 1}
.mw-card p {margin: .3rem 0}
.mw-card table {width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums}
.mw-card td {padding: 0; border: 0}
.mw-card td:last-child {text-align: right; width: 3.2em}
.mw-bar {display: block; height: .3rem; margin-bottom: .25rem;
  min-width: 1px; border-radius: .2rem; background: currentColor; opacity: .55}
</style>
"""


def show_face_cards(faces: Sequence[FaceResult], thumbs: Sequence[bytes], first: int = 1) -> str:
    """HTML list of cards; `thumbs` are JPEGs, one a face, `first` the number of the first face."""
    items = (_card(n, face, thumb) for n, (face, thumb) in enumerate(zip(faces, thumbs, strict=True), first))
    return f'{_STYLE}<ul class="mw-cards">{"".join(items)}</ul>'


def _card(number: int, face: FaceResult, thumb: bytes) -> str:
    look = appearance(face.answer)
    why = face.cannot_tell
    sentence = why.advice if why else look.sentence
    rows = "".join(
        f"<tr><td>{escape(appearance(label).short)}"
        f'<span class="mw-bar" aria-hidden="true" style="width:{p:.0%}"></span></td><td>{p:.0%}</td></tr>'
        for label, p in face.prediction.by_label.items()
    )
    picture = base64.b64encode(thumb).decode("ascii")
    reason = f" ({escape(why.reason.replace('_', ' '))})" if why else ""
    return (
        f'<li class="mw-card"><img src="data:image/jpeg;base64,{picture}" alt="Face {number}">'
        f"<div><strong>{number}.</strong> {chip(look)}{reason}<p>{escape(sentence)}</p>"
        f'<table aria-label="How likely each label is for face {number}">{rows}</table></div></li>'
    )
