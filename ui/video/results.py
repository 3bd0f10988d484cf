"""What a film answers, on the screen: the player, the timeline, people, moments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.labels import appearance
from core.video import FilmAnswer, clock_words
from ui import chart
from ui.components import component
from ui.controls import ask_page
from ui.figures import film_timeline
from ui.html import render
from ui.video.job import FilmJob
from ui.wording import plain

JUMP = "film_jump_to"  # how often the player was sent somewhere, and where to, seconds of the film
PEOPLE_AT_ONCE = 24
MOMENTS_AT_ONCE = 12
_TIMELINE = "film_timeline"
_JUMP = '<span class="mw-jump" hidden></span>'
_FOLDER = Path(__file__).parent / "browser"
# A button's words are cut at its edge otherwise.
_WRAPPED = (
    """<style>[class*="st-key-moment-"] button * {white-space: normal !important; text-align: left}</style>"""
)


def show(job: FilmJob, answer: FilmAnswer) -> None:
    """Everything but downloads."""
    for note in answer.notes:
        st.warning(plain(note), icon=":material/warning:")
    if not answer.is_whole:
        st.info(f"Stopped at {clock_words(answer.end)}: this is what there is up to there.")
    _counts(answer)
    left, right = st.columns([3, 2])
    with left:
        _player(job, answer)
    with right:
        _moments(answer)
    if not answer.people:
        st.info(
            "**No face found.** Faces need to be at least 15 pixels high and seen from the front.",
            icon=":material/person_search:",
        )
        return
    _timeline(answer)
    _people(answer, blur=job.blur)


def _counts(answer: FilmAnswer) -> None:
    total = sum(answer.seconds.values())
    with st.container(horizontal=True):
        st.metric("People", len(answer.people), width="content")
        for label, seconds in answer.seconds.items():
            look = appearance(label)
            st.metric(
                f"{look.icon} {plain(look.short)}",
                answer.counts.get(label, 0),
                f"{seconds:.1f} s, {seconds / total:.0%} of the time",
                delta_color="off",
                delta_arrow="off",
                width="content",
            )
    width, height = answer.size
    st.caption(
        f"{clock_words(answer.start)} to {clock_words(answer.end)} · {width} × {height} pixels · "
        f"{answer.analysed:,} of {answer.frames:,} pictures analysed. A person is counted once, by the "
        "answer for most of the time; somebody who leaves and comes back counts as a new person."
    )


def _player(job: FilmJob, answer: FilmAnswer) -> None:
    if job.annotated is None:
        st.info("There is no annotated film.")
        return
    st.video(job.annotated, alt=f"{answer.name} with the answers drawn on it")
    asked, at = st.session_state.get(JUMP, (0, answer.start))
    component("jump", _FOLDER, _JUMP, "jump")(
        key="film_jump", data={"asked": asked, "at": max(0.0, at - answer.start)}
    )


def _moments(answer: FilmAnswer) -> None:
    moments = answer.moments
    if not moments:
        return
    st.markdown("**Moments worth looking at**")
    st.html(_WRAPPED)
    for number, moment in enumerate(moments[:MOMENTS_AT_ONCE]):
        look = appearance(moment.after)
        st.button(
            f"{clock_words(moment.at)} · {look.icon} Person {moment.id} {moment.words}",
            key=f"moment {number}",
            type="tertiary",
            on_click=_go_to,
            args=(moment.at,),
        )
    if len(moments) > MOMENTS_AT_ONCE:
        st.caption(f"{len(moments) - MOMENTS_AT_ONCE} more are in the report.")


def _go_to(at: float) -> None:
    asked, _ = st.session_state.get(JUMP, (0, 0.0))
    st.session_state[JUMP] = asked + 1, at


def _timeline(answer: FilmAnswer) -> None:
    rows = answer.people[ask_page(len(answer.people), PEOPLE_AT_ONCE, "film_people")]
    data = pd.DataFrame(
        [
            {"person": person.id, "from_s": s.start, "to_s": s.end, "answer": s.answer}
            for person in answer.people
            for s in person.segments
        ]
    )
    chart.show(
        film_timeline.figure(rows, answer.start, answer.end),
        "A row is a person, a bar the time with one answer. Click a bar to see the film from there.",
        data,
        key=_TIMELINE,
        on_select=_follow_click,
    )


def _follow_click() -> None:
    event: Any = st.session_state.get(_TIMELINE)
    points = event["selection"]["points"] if event else []
    if points and points[0].get("customdata") is not None:
        given = points[0]["customdata"]
        _go_to(float(given[0] if isinstance(given, (list, tuple)) else given))


def _people(answer: FilmAnswer, *, blur: bool) -> None:
    st.subheader("People", anchor=False)
    shown = answer.people[:PEOPLE_AT_ONCE]
    thumbs = {p.id: (p.best.blurred() if blur else p.best.jpeg) for p in shown if p.best}
    st.html(render("film_people.html.j2", people=shown, thumbs=thumbs, clock=clock_words))
    if len(answer.people) > len(shown):
        st.caption(f"{len(answer.people) - len(shown)} more people are in the report and the CSV.")
