"""Check photos: from pictures to an answer for each face."""

import streamlit as st

from core.errors import MaskwiseError
from ui import model_choice
from ui.dashboard.selection import PickedFace, pick
from ui.photos import answers, checking, corrections, faces, intake, results, sources
from ui.photos import settings as photo_settings
from ui.router import CHECK_PHOTOS, DASHBOARD, require_router
from ui.wording import plain

require_router(CHECK_PHOTOS)

st.set_page_config(layout="wide")  # a picture and its faces side by side
st.title("Check photos", anchor=False)
settings = photo_settings.ask_settings()
if settings is None:
    sources.offer_removal()
    st.stop()
# Each part that comes and goes has a place of its own: what is below is never there twice meanwhile.
with st.container():
    sources.choose()
album = intake.album()
if not len(album):
    st.info(
        "Add a photo, and Maskwise checks every face in it. Photos stay in this server's memory while this "
        "page is open. Nothing is saved or shared.",
        icon=":material/lock:",
    )
    st.stop()
try:
    pipeline = model_choice.load(settings.choice)
except MaskwiseError as problem:
    st.error(plain(str(problem)))
    sources.offer_removal()
    st.stop()
with st.container():
    bar = checking.show_progress(album, pipeline)
photos = answers.answered(album, pipeline, settings.choice.operating_point)
try:
    if face := faces.wanted(photos, pipeline.classifier.card.crop_scale):
        pick(PickedFace(face.rgb, face.title))
        run = pipeline.classifier.card.trained_by
        st.switch_page(DASHBOARD, query_params={"view": "explain", "run": run})
except MaskwiseError as problem:
    st.error(plain(str(problem)))
results.show(photos, pipeline, settings)
corrections.show_question(photos)
if bar is not None:
    checking.check_some(album, pipeline, bar)
