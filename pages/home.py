"""What Maskwise is for, and the ways in."""

import streamlit as st

from core.models import default_model
from ui.home import headline, photos_of_wearings, wearings
from ui.loaders import usable_models
from ui.router import CHECK_PHOTOS, DASHBOARD, HOME, LIVE, require_router

require_router(HOME)

st.title("Maskwise", anchor=False)
st.markdown(
    "Maskwise tells you, for each face in a photo or before a camera, whether it wears its mask properly."
)

(photos, camera), (dashboard, script) = st.columns(2), st.columns(2)
with photos.container(border=True, height="stretch"):
    st.page_link(CHECK_PHOTOS, label="**Check photos**", icon=":material/photo_library:")
    st.markdown("One, many or a whole folder, or from a web address.")
with camera.container(border=True, height="stretch"):
    st.page_link(LIVE, label="**Live video**", icon=":material/videocam:")
    st.markdown("Your own camera: everybody in view, or one person at a door.")
with dashboard.container(border=True, height="stretch"):
    st.page_link(DASHBOARD, label="**Model dashboard**", icon=":material/monitoring:")
    st.markdown("How far to trust each model: curves, mistakes, thresholds.")
with script.container(border=True, height="stretch"):
    st.markdown(":material/terminal: **From a script**")
    st.code("python -m core check photo.jpg", language=None, wrap_lines=True)

st.header("How a mask is worn properly", anchor=False)
st.markdown("It covers **nose, mouth and chin**. Dashed lines show what the mask covers.")
st.html(wearings())
st.markdown("In photos, with masks drawn on them:")
st.html(photos_of_wearings())

does, does_not = st.columns(2)
with does:
    st.header("What it does", anchor=False)
    st.markdown(
        "- finds the faces in a photo, near and far\n"
        "- says of each: mask on, worn wrong or no mask, and how sure it is\n"
        "- says when it cannot tell, why, and what would help"
    )
with does_not:
    st.header("What it does not do", anchor=False)
    st.markdown(
        "- recognise who somebody is\n"
        "- know whether a mask filters well or fits tightly\n"
        "- decide for you: it is sometimes wrong, so look yourself before anything follows from it"
    )

st.header("Where your pictures go", anchor=False)
st.markdown(
    "To the server that sent you this page, and no further. It holds them in memory while you look at the "
    "answers, never writes them to its disk and never sends them on. If you started Maskwise with "
    "`make app`, that server is your own computer."
)

card = usable_models().get(default_model())
if card and (measured := headline(card)):
    st.header("How far to trust it", anchor=False)
    st.markdown(measured)
    st.page_link(
        DASHBOARD,
        label="By collection, by label, and where it goes wrong",
        icon=":material/monitoring:",
        query_params={"view": "report"},
    )
