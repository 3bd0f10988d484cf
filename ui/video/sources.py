"""Where films come from: a file, a web address, a sample. Each takes the place of the one before."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.images import fetch_film
from core.video import FILM_SUFFIXES, sample_film
from ui import addresses, uploaded
from ui.video import desk
from ui.wording import plain

SOURCES = {
    "file": ":material/upload_file: Video",
    "web": ":material/link: Web address",
    "sample": ":material/movie: Sample",
}
FETCH_S = 60.0  # seconds for a film to arrive
_TYPES = [suffix.lstrip(".") for suffix in FILM_SUFFIXES]


def choose() -> None:
    """Show the ways in, and take what comes."""
    source = st.segmented_control(
        "Where from",
        list(SOURCES),
        format_func=SOURCES.__getitem__,
        default="file",
        required=True,
        key="film_source",
        persist_state="session",
        label_visibility="collapsed",
    )
    {"file": _file, "web": _web, "sample": _sample}[source]()
    uploaded.say_refused()
    if problem := desk.desk().problem:
        st.error(plain(problem), icon=":material/broken_image:")


def _file() -> None:
    key = f"film {int(st.session_state.get('film_round', 0))}"
    most = min(desk.most_bytes() // 2**20, st.get_option("server.maxUploadSize"))
    st.file_uploader(
        f"Add a video of at most {most} MB: MP4, MOV, WebM, MKV, AVI, MPEG, M4V, 3GP, GIF or WebP",
        _TYPES,
        max_upload_size=most,
        key=key,
        on_change=partial(_take, key),
    )


def _take(widget: str) -> None:
    for file in uploaded.not_taken([st.session_state[widget]]):
        name, data = file.name, uploaded.take(file)
        desk.remove()  # with it the uploader, which would show a film that is here no longer
        desk.desk().put(name, data)


def _web() -> None:
    fetch = partial(fetch_film, timeout_s=FETCH_S, max_bytes=desk.most_bytes())
    if found := addresses.ask("video", "film.mp4", fetch, key="film_"):
        desk.remove()
        desk.desk().put(*found[1:])


def _sample() -> None:
    st.markdown(
        "A film made by code: the astronaut Eileen Collins (NASA, public domain) twice, with masks drawn on "
        "by Maskwise. One of them takes it off half-way."
    )
    if st.button("Check the sample", key="film_sample", icon=":material/play_arrow:"):
        desk.remove()
        desk.desk().put("Sample.mp4", sample_film())
