"""Check a video: who wears a mask properly, when, and the film with the answers drawn on it."""

import streamlit as st

from core.errors import MaskwiseError
from ui import model_choice
from ui.router import CHECK_VIDEO, require_router
from ui.video import desk, downloads, results, sources, working
from ui.video import settings as video_settings
from ui.wording import plain

require_router(CHECK_VIDEO)

st.set_page_config(layout="wide")  # the film and what is said of it side by side
st.title("Check a video", anchor=False)
settings = video_settings.ask_settings()
if settings is None:
    st.stop()
sources.choose()
mine = desk.desk()
if mine.film is None:
    st.info(
        "Add a video, and Maskwise follows every person in it. It stays in this server's memory while this "
        "page is open. Nothing is saved or shared.",
        icon=":material/lock:",
    )
    st.stop()
try:
    pipeline = model_choice.load(settings.choice)
except MaskwiseError as problem:
    st.error(plain(str(problem)))
    st.stop()
asked = desk.Asked(
    settings.choice.model, settings.choice.detector, settings.choice.operating_point, settings.film
)
if mine.job is None:
    mine.check(asked, pipeline, blur=settings.blur)
st.subheader(plain(mine.film.shown), divider="gray", anchor=False)
job = mine.job
if job is None or not job.is_done:
    working.show(mine)
    st.stop()
with st.container(horizontal=True):
    if asked != mine.asked and st.button("Check again with these settings", key="film_again", type="primary"):
        mine.check(asked, pipeline, blur=settings.blur)
        st.rerun()
    if settings.blur != job.blur and job.answer is not None:
        words = "Blur the faces" if settings.blur else "Show the faces"
        if st.button(f"{words}: write the film again", key="film_draw_again", type="primary"):
            mine.draw_again(pipeline, blur=settings.blur)
            st.rerun()
    st.button("Remove", key="film_remove", icon=":material/delete:", on_click=desk.remove)
if job.problem is not None:
    st.error(plain(job.problem), icon=":material/broken_image:")
if job.answer is not None:
    results.show(job, job.answer)
    downloads.offer(job, job.answer)
