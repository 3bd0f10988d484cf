"""Answers that the visitor found to be wrong: kept for the visit, given away as a CSV for training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePath

import streamlit as st

from core import settings
from core.exports import zip_of
from core.images import to_jpeg
from core.labels import appearance
from core.results import FaceResult
from core.runs import NO_FACE, LabelFix, place, to_csv
from ui import visit
from ui.photos.answers import Answered
from ui.photos.faces import crop
from ui.wording import plain

_ASKED = "face whose answer is wrong"
FILE = "maskwise-corrections"
_CROP = 1.5  # of the face's box

Corrections = dict[tuple[str, tuple[float, ...]], LabelFix]


def ask(key: str, number: int) -> None:
    """Have the page ask what is right for a face."""
    st.session_state[_ASKED] = key, number


def show_question(photos: list[Answered]) -> None:
    """The question that was asked for, if there is one and its face is still there."""
    key, number = st.session_state.get(_ASKED, ("", 0))
    one = next((one for one in photos if one.key == key), None)
    if one and one.result and 0 < number <= len(one.result.faces):
        _question(one, number, one.result.faces[number - 1])


def _done() -> None:
    st.session_state.pop(_ASKED, None)


@st.dialog("What is right?", on_dismiss=_done)
def _question(one: Answered, number: int, face: FaceResult) -> None:
    known = kept().get(_place(one, face))
    options = [*face.prediction.labels, NO_FACE]
    right = st.radio(
        f"Face {number} of {plain(one.photo.name)} was answered “{appearance(face.answer).short}”. It is:",
        options,
        index=options.index(known.right_label) if known and known.right_label in options else None,
        format_func=named,
        key=f"right label {one.key} {number}",
    )
    st.caption(
        "Kept until the end of this visit, and sent to nobody. Under Download they are a CSV, which training "
        "takes by --fixes."
    )
    with st.container(horizontal=True):
        if st.button("Keep", key="keep correction", type="primary", disabled=right is None) and right:
            kept()[_place(one, face)] = LabelFix(
                place(one.photo.name, None, face.detection.box), face.answer, right
            )
            _done()
            st.rerun()
        if known and st.button("It was right", key="drop correction"):
            del kept()[_place(one, face)]
            _done()
            st.rerun()


def named(label: str) -> str:
    return "No face" if label == NO_FACE else appearance(label).short


def kept() -> Corrections:
    """This visit's, by photo and box."""
    return visit.kept("photo corrections", dict)


def told(one: Answered) -> dict[int, str]:
    """What was kept of a photo's faces, by number, in words."""
    faces = one.result.faces if one.result else ()
    found = {n: kept().get(_place(one, face)) for n, face in enumerate(faces, 1)}
    return {n: f"You said: {named(fix.right_label)}." for n, fix in found.items() if fix}


def forget(key: str) -> None:
    """Those of a photo that is removed."""
    for place_of in [known for known in kept() if known[0] == key]:
        del kept()[place_of]


def file(photos: list[Answered]) -> tuple[str, str, Callable[[], bytes]]:
    """Name, media type and maker: a CSV, or with the faces a zip, where the server's owner allows that."""
    known = dict(kept())  # now, as the file is made where no visit is known
    if not settings.CORRECTIONS_WITH_FACES.get():
        return f"{FILE}.csv", "text/csv", lambda: to_csv(known.values())
    return f"{FILE}.zip", "application/zip", lambda: zip_of(_files(photos, known))


def _files(photos: list[Answered], known: Corrections) -> Iterator[tuple[str, bytes]]:
    yield f"{FILE}.csv", to_csv(known.values())
    for one in photos:
        for number, face in enumerate(one.result.faces if one.result else (), 1):
            if _place(one, face) in known:
                name = f"{PurePath(one.photo.name).stem} face {number}.jpg"
                yield name, to_jpeg(crop(one.photo, face, _CROP))


def _place(one: Answered, face: FaceResult) -> tuple[str, tuple[float, ...]]:
    return one.key, face.detection.box
