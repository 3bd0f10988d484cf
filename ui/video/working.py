"""A film that waits or is checked: how far it is, what was seen last, and ways to end it."""

from __future__ import annotations

import streamlit as st

from core.images import shrunk, to_jpeg
from core.video import FilmProgress, clock_words, people_words
from ui.video.desk import Desk, desk
from ui.video.job import FilmJob
from ui.wording import plain

EVERY = 1.0  # seconds between two looks
_SIDE = 480  # pixels of the newest picture


def show(mine: Desk) -> None:
    """Until it is done, then runs the page again."""
    if mine.job is not None:
        _look()


@st.fragment(run_every=EVERY)
def _look() -> None:
    job = desk().job
    if job is None or job.is_done:
        st.rerun()
        return
    progress = job.progress
    beside, picture = st.columns([3, 2])
    with beside:
        st.progress(_share(job, progress), _words(job, progress))
        with st.container(horizontal=True):
            st.button(
                "Stop here and show what there is",
                key="film_stop",
                icon=":material/stop_circle:",
                on_click=job.stop_here,
                disabled=progress is None or job.drawn_to is not None,
            )
            st.button("Cancel", key="film_cancel", icon=":material/close:", on_click=_cancel)
        st.caption("You can leave this page and come back: the work goes on.")
    if progress is not None and progress.newest is not None:
        words = f"The picture of {clock_words(progress.at)}, the last that was analysed"
        picture.image(to_jpeg(shrunk(progress.newest.rgb, _SIDE)), caption=words, width="stretch")


def _cancel() -> None:
    desk().clear()


def _share(job: FilmJob, progress: FilmProgress | None) -> float:
    if progress is None:
        return 0.0
    ends = [end for end in (progress.facts.seconds, job.settings.end) if end]
    if not ends:
        return 0.0
    at = progress.at if job.drawn_to is None else job.drawn_to
    start = job.settings.start
    return min(max((at - start) / max(min(ends) - start, 0.001), 0.0), 1.0)


def _words(job: FilmJob, progress: FilmProgress | None) -> str:
    if job.before:
        others = "1 other film comes" if job.before == 1 else f"{job.before} other films come"
        return f"Waiting: {others} first."
    if job.drawn_to is not None:
        return f"Writing the annotated film: {clock_words(job.drawn_to)}"
    if progress is None:
        return f"Opening {plain(job.film.shown)}…"
    of = f" of {clock_words(progress.facts.seconds)}" if progress.facts.seconds else ""
    left = progress.seconds_left
    words = (
        f"{clock_words(progress.at)}{of} · {progress.analysed:,} pictures · {people_words(progress.people)}"
    )
    return words + (f" · about {_length(left)} left" if left is not None else "")


def _length(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
