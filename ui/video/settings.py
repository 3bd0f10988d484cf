"""The controls beside the film."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.errors import VideoError
from core.video import DEFAULT_EVERY, FilmSettings
from ui import kept, model_choice
from ui.model_choice import ModelChoice
from ui.wording import plain

_EVERY = {
    f"{1 / DEFAULT_EVERY:.0f} a second": DEFAULT_EVERY,
    "Every picture": 0.0,
    "10 a second": 0.1,
    "2 a second": 0.5,
    "1 a second": 1.0,
    "1 in 5 seconds": 5.0,
}


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """What the visitor chose. `blur`: faces in the annotated film and in people's pictures."""

    choice: ModelChoice
    film: FilmSettings
    blur: bool


def ask_settings() -> VideoSettings | None:
    """The settings from the sidebar, or None when they cannot be used; says so there."""
    with st.sidebar:
        st.header("Settings", anchor=False)
        choice = model_choice.choose_model()
        if choice is None:
            return None
        every = kept.select(
            "Pictures analysed",
            _EVERY,
            key="every",
            help="Faces are followed in between. More pictures take longer.",
        )
        blur = kept.toggle("Blur faces", key="blur_film")
        if blur:
            st.caption("Faces are blurred in the annotated film, in the GIF, and in people's pictures.")
        start, end = _ask_part()
    try:
        return VideoSettings(choice, FilmSettings(_EVERY[every], start, end), blur)
    except VideoError as problem:
        st.error(plain(str(problem)))
        return None


def _ask_part() -> tuple[float, float | None]:
    """From and to, seconds."""
    left, right = st.columns(2)
    start = left.number_input("From (s)", 0.0, 86_400.0, 0.0, 1.0, "%.1f", key="film_from")
    end = right.number_input("To (s)", 0.0, 86_400.0, None, 1.0, "%.1f", key="film_to", placeholder="end")
    return float(start), None if end is None else float(end)
