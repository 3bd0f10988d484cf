"""What the album's pictures answer, on the screen: counts, each picture with its faces, downloads."""

from __future__ import annotations

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.labels import CANNOT_TELL, NOT_PROPERLY, appearance
from core.photos import Album, Photo, counts
from core.pipeline import Pipeline
from core.results import Result
from ui.controls import ask_page
from ui.photos.face_cards import show_face_cards
from ui.photos.settings import PhotoSettings
from ui.photos.sources import start_again
from ui.turns import turn
from ui.wording import plain

PAGE_SIZE = 10  # pictures on the screen at once: more would slow the browser, not the server
CARDS_BESIDE = 3  # as high as a picture
CARDS_AT_ONCE = 24  # faces of a crowd beyond these wait behind a click
NO_FACE = (
    "**No face found.** Use a picture in which faces are larger than some 15 pixels and seen from the front, "
    "or try another detector in the settings."
)


def check_all(album: Album, pipeline: Pipeline) -> None:
    """Check what is not checked yet, with progress, until done or stopped."""
    waiting = [photo for photo in album if not photo.is_checked(pipeline)]
    if not waiting:
        return
    if st.session_state.get("stopped"):
        done = len(album) - len(waiting)
        st.warning(f"Stopped: {done} of {len(album)} pictures are checked.", icon=":material/pause_circle:")
        st.button("Go on", key="go_on", on_click=start_again)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0)
        st.button("Stop", key="stop", on_click=_stop)
    for number, photo in enumerate(waiting):
        share, which = number / len(waiting), f"{number + 1} of {len(waiting)}: {plain(photo.name)}"
        bar.progress(share, f"Checking {which}")
        with turn(partial(_say_waiting, bar, share, which)):
            album.check(photo, pipeline)
    st.rerun()  # without the bar and its Stop button


def _say_waiting(bar: DeltaGenerator, share: float, which: str, before: int) -> None:
    bar.progress(share, f"Waiting for other visitors' pictures ({before} before {which})")


def _stop() -> None:
    st.session_state.stopped = True


def show_counts(results: list[Result], labels: tuple[str, ...]) -> None:
    """Numbers on top."""
    found = counts(results)
    with st.container(horizontal=True):
        st.metric("Pictures", len(results), width="content")
        st.metric("Faces", sum(found.values()), width="content")
        for answer in (*labels, NOT_PROPERLY, CANNOT_TELL):
            if answer == NOT_PROPERLY and answer not in found:
                continue  # rare: a number only where there is one
            look = appearance(answer)
            st.metric(f"{look.icon} {plain(look.short)}", found.get(answer, 0), width="content")


def show_photos(album: Album, pipeline: Pipeline, settings: PhotoSettings) -> None:
    """A page of pictures, each with its faces or with what went wrong."""
    photos = [photo for photo in album if photo.is_checked(pipeline)]
    page = ask_page(len(photos), PAGE_SIZE, "photo_page")
    for photo in photos[page]:
        st.subheader(plain(photo.name), divider="gray", anchor=False)
        if photo.error is not None:
            st.error(plain(photo.error), icon=":material/broken_image:")
        else:
            _show_photo(photo, pipeline, settings)


def _show_photo(photo: Photo, pipeline: Pipeline, settings: PhotoSettings) -> None:
    result = photo.result(pipeline, settings.choice.operating_point)
    sentence = summary(result)
    picture, beside = st.columns([3, 2])
    with picture:
        st.image(
            photo.drawn_preview(result, boxes=settings.boxes),
            alt=f"{photo.name}: {sentence}",
            width="stretch",
        )
        times = " · ".join(f"{stage} {ms:.0f} ms" for stage, ms in result.ms.items())
        st.caption(f"{result.width} × {result.height} pixels · {times}")
    with beside:
        if result.faces:
            st.markdown(f"**{plain(sentence)}**")
        else:
            st.info(NO_FACE, icon=":material/person_search:")
        if result.dropped:
            st.caption(dropped(result))
        if not result.faces:
            return
    # A few cards stand beside the picture, many below it, where they wrap over the whole width.
    with beside if len(result.faces) <= CARDS_BESIDE else st.container():
        _show_cards(result, photo.thumbs(result))


def _show_cards(result: Result, thumbs: tuple[bytes, ...]) -> None:
    st.html(show_face_cards(result.faces[:CARDS_AT_ONCE], thumbs[:CARDS_AT_ONCE]))
    if len(result.faces) > CARDS_AT_ONCE:
        with st.expander(f"{len(result.faces) - CARDS_AT_ONCE} more faces"):
            st.html(show_face_cards(result.faces[CARDS_AT_ONCE:], thumbs[CARDS_AT_ONCE:], CARDS_AT_ONCE + 1))


def dropped(result: Result) -> str:
    """What was left out of a picture's answer."""
    n = result.dropped
    return (
        f"{n} places looked like faces at first and were left out."
        if n > 1
        else ("1 place looked like a face at first and was left out.")
    )


def summary(result: Result) -> str:
    """One picture's answer as a sentence."""
    n = len(result.faces)
    parts = ", ".join(
        f"{count} {appearance(answer).short.lower()}" for answer, count in result.counts().items()
    )
    return f"{n} {'face' if n == 1 else 'faces'}: {parts}." if n else "No face found."
