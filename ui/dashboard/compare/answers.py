"""What two models say of the same faces of a photo, side by side, those on which they differ first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from core.labels import CANNOT_TELL, LabelSet, appearance
from core.photos import Photo
from core.results import FaceResult, Result
from core.review import CommonLabels, common_labels
from ui.photos import CARDS_AT_ONCE, CARDS_BESIDE, dropped, show_face_cards, summary
from ui.wording import plain

NAMED = 8  # faces told one by one in the sentence
_GRID = "display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr))"


def show(photo: Photo, a: Result, b: Result, labels_a: LabelSet, labels_b: LabelSet) -> None:
    """`a` and `b` are of what one detector found, at least one face each; what both take for one is shown."""
    both = {face.detection for face in a.faces} & {face.detection for face in b.faces}
    if not both:
        st.info("What one of them takes for a face the other does not.", icon=":material/person_search:")
        return
    a, b = (replace(r, faces=tuple(face for face in r.faces if face.detection in both)) for r in (a, b))
    common = common_labels(labels_a.labels, labels_b.labels)
    differing = _differing(a, b, common) if common else []
    st.markdown(f"**{plain(_sentence(a, b, differing, common))}**")
    st.caption(
        f"{photo.width} × {photo.height} pixels; {a.detector} found the faces once for both, "
        f"in {a.ms['detect']:.0f} ms."
    )
    rest = [place for place in range(len(a.faces)) if place not in differing]
    if len(a.faces) <= CARDS_BESIDE:  # then all are seen at once
        differing, rest = [*differing, *rest], []
    for column, side, result in zip(st.columns(2), "AB", (a, b), strict=True):
        with column:
            _show_answer(photo, side, result, differing)
    if not rest:
        return
    with st.expander(f"{'All' if not differing else 'The other'} {len(rest)} faces"):
        for column, result in zip(st.columns(2), (a, b), strict=True):
            with column:
                _show_cards(photo, result, rest)


def _show_answer(photo: Photo, side: str, result: Result, places: Sequence[int]) -> None:
    sentence = summary(result)
    st.markdown(f"**{side}: {plain(result.model)}**")
    st.image(photo.drawn_preview(result, boxes=True), alt=f"{side}: {sentence}", width="stretch")
    left_out = f" {dropped(result)}" if result.dropped else ""
    st.caption(f"{plain(sentence)}{left_out} Read in {result.ms['classify']:.0f} ms.")
    _show_cards(photo, result, places)


def _show_cards(photo: Photo, result: Result, places: Sequence[int]) -> None:
    thumbs = photo.thumbs(result)
    shown = places[:CARDS_AT_ONCE]
    if shown:
        cards = "".join(show_face_cards([result.faces[i]], [thumbs[i]], i + 1) for i in shown)
        st.html(f'<div style="{_GRID}">{cards}</div>')
    if len(places) > len(shown):
        st.caption(f"{len(places) - len(shown)} more are in the picture.")


def _differing(a: Result, b: Result, common: CommonLabels) -> list[int]:
    """Places of the faces with different answers, (labels merged where they differ)."""
    return [
        place
        for place, (x, y) in enumerate(zip(a.faces, b.faces, strict=True))
        if common.of_a.get(x.answer, x.answer) != common.of_b.get(y.answer, y.answer)
    ]


def _sentence(a: Result, b: Result, differing: Sequence[int], common: CommonLabels | None) -> str:
    if common is None:
        return "Their labels have nothing in common, so their answers stand side by side only."
    faces = "1 face" if len(a.faces) == 1 else f"{len(a.faces)} faces"
    read_as = "" if set(common.of_a) == set(common.of_b) else " (labels merged where they differ)"
    if not differing:
        return f"Both models agree on {faces}{read_as}."
    named = [f"{i + 1} (A {_words(a.faces[i])}, B {_words(b.faces[i])})" for i in differing[:NAMED]]
    more = f", and {len(differing) - NAMED} more" if len(differing) > NAMED else ""
    return f"They differ on {len(differing)} of {faces}{read_as}: {', '.join(named)}{more}."


def _words(face: FaceResult) -> str:
    word = appearance(face.answer).short
    if face.answer == CANNOT_TELL:
        return word
    percent = round(100 * face.prediction.confidence)  # never "100%": no model is that sure
    return f"{word} >99%" if percent > 99 else f"{word} {percent}%"
