"""Check photos: from pictures to an answer for each face."""

import streamlit as st

from core.errors import MaskwiseError
from ui import loaders
from ui.photos import downloads, sources
from ui.photos import results as photo_results
from ui.photos import settings as photo_settings
from ui.router import CHECK_PHOTOS, require_router
from ui.wording import plain

require_router(CHECK_PHOTOS)

st.set_page_config(layout="wide")  # a picture and its faces side by side
st.title("Check photos", anchor=False)
settings = photo_settings.ask_settings()
if settings is None:
    sources.offer_removal()
    st.stop()
sources.choose()
album = sources.album()
if not len(album):
    st.info(
        "Add a photo, and each face in it is judged. Pictures stay in this server's memory while this page "
        "is open. Nothing is written down or sent on.",
        icon=":material/lock:",
    )
    st.stop()
try:
    pipeline = loaders.pipeline(settings.choice.model, settings.choice.detector)
except MaskwiseError as problem:
    st.error(plain(str(problem)))
    sources.offer_removal()
    st.stop()
photo_results.check_all(album, pipeline)
checked = [photo for photo in album if photo.error is None and photo.is_checked(pipeline)]
results = [photo.result(pipeline, settings.choice.operating_point) for photo in checked]
photo_results.show_counts(results, pipeline.classifier.card.label_set.labels)
with st.container(horizontal=True, vertical_alignment="center"):
    if checked:
        downloads.offer(checked, results, settings)
    sources.offer_removal()
photo_results.show_photos(album, pipeline, settings)
