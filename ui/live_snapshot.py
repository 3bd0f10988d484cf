"""Single pictures where live video cannot be had: the same pipeline, one picture at a time."""

from __future__ import annotations

import streamlit as st

from core.draw import annotate
from core.errors import ImageError
from core.images import read_image
from core.operating_point import OperatingPoint
from core.pipeline import Pipeline
from ui.photo_results import NO_FACE, summary
from ui.wording import plain


def show(pipeline: Pipeline, point: OperatingPoint, *, has_camera: bool) -> None:
    """Take or choose a picture, and answer it. Without a camera here, a phone still offers its own."""
    taken = (
        st.camera_input("Take a picture", key="live_snapshot")
        if has_camera
        else st.file_uploader(
            "Take or choose a picture", ["jpg", "jpeg", "png", "webp", "heic"], key="live_picture"
        )
    )
    if taken is None:
        return
    try:
        frame = read_image(taken.getvalue(), "The picture")
    except ImageError as problem:
        st.error(plain(str(problem)))
        return
    result = pipeline.check(frame, point=point)
    st.image(annotate(frame, result.faces), alt=summary(result), width="stretch")
    if result.faces:
        st.markdown(f"**{summary(result)}**")
    else:
        st.info(NO_FACE, icon=":material/person_search:")
