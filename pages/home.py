"""What Maskwise is for, and the ways in."""

import streamlit as st

from core.models import default_model
from ui.home import cards, headline, photos_of_wearings, sample, wearings
from ui.loaders import models_for_visitors
from ui.router import CHECK_PHOTOS, CHECK_VIDEO, DASHBOARD, HOME, LIVE, require_router

require_router(HOME)

models = models_for_visitors()
card = models.get(default_model())
st.title("Maskwise", anchor=False)
st.markdown(
    "Maskwise tells you whether the people in a photo, in a video or in front of a camera wear their masks "
    "properly."
)
cards(
    (CHECK_PHOTOS, "Check photos", "photo_library", "One, many or a whole folder, or from a web address."),
    (
        CHECK_VIDEO,
        "Check a video",
        "movie",
        "Who wears it properly, and when, in a film.",
    ),
    (LIVE, "Live video", "videocam", "Your own camera: everybody in view, or one person at a door."),
    (DASHBOARD, "Model dashboard", "monitoring", "How accurate each model is: curves, mistakes, thresholds."),
)
if card and st.button("Try it with the sample", key="try_sample", icon=":material/play_arrow:"):
    sample.show(card.name)

st.header("How a mask is worn properly", anchor=False)
st.markdown("It covers **nose, mouth and chin**. Dashed lines show what the mask covers.")
st.html(wearings(card.label_set) if card else wearings())
st.markdown("In photos, with masks drawn on them:")
st.html(photos_of_wearings())

does, does_not = st.columns(2)
with does:
    st.header("What it does", anchor=False)
    st.markdown(
        "- finds the faces in a photo, near and far\n"
        "- for each face: mask on, worn incorrectly or no mask, and how sure it is\n"
        "- says when it cannot tell, why, and what would help"
    )
with does_not:
    st.header("What it does not do", anchor=False)
    st.markdown(
        "- recognise who somebody is\n"
        "- know whether a mask filters well or fits tightly\n"
        "- decide for you: it is sometimes wrong, so check for yourself before acting on it"
    )

st.header("Where your pictures go", anchor=False)
st.markdown(
    "To the server that sent you this page, and no further. It holds them in memory while you look at the "
    "answers, never writes them to its disk and never sends them on. If you started Maskwise with "
    "`make app`, that server is your own computer."
)
st.markdown("The same from a script:")
st.code(".venv/bin/maskwise check photo.jpg", language=None, wrap_lines=True)

if card and (measured := headline(card)):
    st.header("How accurate it is", anchor=False)
    st.markdown(measured)
    st.page_link(
        DASHBOARD,
        label="By collection, by label, and where it makes mistakes",
        icon=":material/monitoring:",
        query_params={"view": "report"},
    )
