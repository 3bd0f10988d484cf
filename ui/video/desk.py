"""What a visit has of films: one at a time, with its check."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.decision import OperatingPoint
from core.errors import MaskwiseError
from core.pipeline import Pipeline
from core.video import Film, FilmSettings
from ui import visit
from ui.server import HELD, memory
from ui.server import visit as visit_id
from ui.video.job import FilmJob

_FILM, _ANNOTATED = ("film", "upload"), ("film", "annotated")
SHARE = 2  # of what a visit may hold: the annotated film takes about as much as the film


def most_bytes() -> int:
    """The largest film that is taken."""
    return HELD.a_visit // SHARE


@dataclass(frozen=True, slots=True)
class Asked:
    """By what a film was checked."""

    model: str
    detector: str
    point: OperatingPoint
    settings: FilmSettings


class Desk:
    """Belongs to one visit. `problem` is why the last film was not taken."""

    def __init__(self, whose: str) -> None:
        self._whose = whose
        self.film: Film | None = None
        self.job: FilmJob | None = None
        self.asked: Asked | None = None
        self.problem: str | None = None

    def put(self, name: str, data: bytes) -> None:
        """Take a film in place of the one before."""
        self.clear()
        try:
            HELD.hold(self._whose, _FILM, len(data))
            self.film = Film(data, name)
        except MaskwiseError as problem:
            HELD.drop(self._whose, _FILM)
            self.problem = str(problem)

    def check(self, asked: Asked, pipeline: Pipeline, *, blur: bool) -> None:
        """Begin to check the film anew."""
        self._begin(asked, pipeline, blur=blur, answer_of=None)

    def draw_again(self, pipeline: Pipeline, *, blur: bool) -> None:
        """Draw the film with faces blurred or not; its answer is kept."""
        if self.asked is not None:
            self._begin(self.asked, pipeline, blur=blur, answer_of=self.job)

    def _begin(self, asked: Asked, pipeline: Pipeline, *, blur: bool, answer_of: FilmJob | None) -> None:
        if self.film is None:
            return
        answer = answer_of.answer if answer_of else None
        if self.job:
            self.job.cancel()
        whose = self._whose
        HELD.drop(whose, _ANNOTATED)
        self.asked = asked
        self.job = FilmJob(
            self.film,
            pipeline,
            asked.point,
            asked.settings,
            blur=blur,
            hold=lambda size: HELD.hold(whose, _ANNOTATED, size),
            answer=answer,
        )
        self.job.start()

    def cancel(self) -> None:
        """Give up the check; the film is kept."""
        if self.job:
            self.job.cancel()
        self.job = None

    def clear(self) -> None:
        """Forget the film and all that was made of it."""
        self.cancel()
        if self.film:
            self.film.close()
        self.film = self.asked = self.problem = None
        HELD.drop(self._whose, _FILM)
        HELD.drop(self._whose, _ANNOTATED)
        memory.give_back_soon()


def desk() -> Desk:
    """This visit's."""
    return visit.kept("films", lambda: Desk(visit_id()))


def remove() -> None:
    """Forget the film, and what the page remembers of it."""
    desk().clear()
    st.session_state.pop("film_jump_to", None)
    st.session_state.film_round = int(st.session_state.get("film_round", 0)) + 1
