"""What a visitor can take home of a film. Files are made when their button is pressed, in memory."""

from __future__ import annotations

import json
from pathlib import PurePath

import streamlit as st

from core.exports import chapters_to_vtt, frames_to_csv, people_to_csv
from core.reports import film_report
from core.video import MAX_GIF_SECONDS, FilmAnswer, seconds_to_share, to_gif
from ui.controls import download
from ui.server import for_visit
from ui.turns import turn
from ui.video.job import FilmJob


def offer(job: FilmJob, answer: FilmAnswer) -> None:
    """A button for each file."""
    stem = PurePath(answer.name).stem
    st.markdown("**Download**")
    with st.container(horizontal=True, vertical_alignment="center"):
        if (film := job.annotated) is not None:
            download(
                "Annotated film", for_visit(lambda: film), f"{stem}-maskwise.mp4", "video/mp4", key="film_mp4"
            )
        # Without the mark of utf-8-sig, Excel spoils accents.
        people = for_visit(lambda: people_to_csv(answer).encode("utf-8-sig"))
        download("People (CSV)", people, f"{stem}-people.csv", "text/csv", key="film_people_csv")
        frames = for_visit(lambda: "".join(frames_to_csv(answer)).encode("utf-8-sig"))
        download("Frames (CSV)", frames, f"{stem}-frames.csv", "text/csv", key="film_frames_csv")
        plain_json = for_visit(lambda: json.dumps(answer.as_json(answer.name), indent=2))
        download("JSON", plain_json, f"{stem}.json", "application/json", key="film_json")
        chapters = for_visit(lambda: chapters_to_vtt(answer))
        download("Chapters (WebVTT)", chapters, f"{stem}.vtt", "text/vtt", key="film_vtt")
        report = for_visit(lambda: film_report(answer, blur=job.blur))
        download("Report (HTML)", report, f"{stem}.html", "text/html", key="film_report")
    _offer_gif(job, answer, stem)


def _offer_gif(job: FilmJob, answer: FilmAnswer, stem: str) -> None:
    with st.popover("A GIF to share", icon=":material/gif_box:"):
        usual = seconds_to_share(answer)
        start = st.number_input("From (s)", answer.start, answer.end, usual[0], 0.5, "%.1f", key="gif_from")
        longest = min(MAX_GIF_SECONDS, max(0.5, answer.end - start))
        seconds = st.number_input(
            "Seconds", 0.1, MAX_GIF_SECONDS, min(usual[1] - usual[0], longest), 0.5, "%.1f", key="gif_seconds"
        )

        def make() -> bytes:
            with turn():
                return to_gif(job.film, answer, start, start + min(seconds, longest), blur=job.blur)

        download("GIF", for_visit(make), f"{stem}.gif", "image/gif", key="film_gif")
        st.caption("At most 8 MB, without sound.")
