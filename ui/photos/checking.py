"""Pictures are checked a few at a time, between which the page shows what is done."""

from __future__ import annotations

import time
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.photos import Album, Photo
from core.pipeline import Pipeline
from ui.photos import intake
from ui.turns import turn
from ui.wording import plain

SLICE_S = 1.5  # of work, between two looks at the page; the first answer is shown at once


def show_progress(album: Album, pipeline: Pipeline) -> DeltaGenerator | None:
    """How far it is, with a way to stop; None when there is nothing to do, or it was stopped."""
    waiting = _waiting(album, pipeline)
    if not waiting:
        return None
    done = len(album) - len(waiting)
    if st.session_state.get("stopped"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(f"Stopped after {done:,} of {len(album):,}.", icon=":material/pause_circle:")
            st.button("Resume", key="go_on", on_click=intake.go_on)
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(done / len(album), f"Checking {_which(waiting[0], done, len(album))}")
        st.button("Stop", key="stop", on_click=_stop)
    return bar


def check_some(album: Album, pipeline: Pipeline, bar: DeltaGenerator) -> None:
    """Check a few more pictures, the one that is shown large first; then the page is drawn again."""
    waiting = _waiting(album, pipeline)
    done, began = len(album) - len(waiting), time.monotonic()
    for number, photo in enumerate(waiting, done):
        share, which = number / len(album), _which(photo, number, len(album))
        bar.progress(share, f"Checking {which}")
        with turn(partial(_say_waiting, bar, share, which)):
            album.check(photo, pipeline)
        if number == 0 or time.monotonic() - began > SLICE_S:
            break
    st.rerun()


def _waiting(album: Album, pipeline: Pipeline) -> list[Photo]:
    opened = intake.opened()
    waiting = [(key, photo) for key, photo in album.items() if not photo.is_checked(pipeline)]
    return [photo for _, photo in sorted(waiting, key=lambda item: item[0] != opened)]


def _which(photo: Photo, done: int, count: int) -> str:
    return f"{done + 1:,} of {count:,}: {plain(photo.name, 80)}"


def _say_waiting(bar: DeltaGenerator, share: float, which: str, before: int) -> None:
    bar.progress(share, f"Waiting for other visitors' pictures ({before} before {which})")


def _stop() -> None:
    st.session_state.stopped = True
