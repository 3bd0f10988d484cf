"""Single pictures where live video cannot be had: the same pipeline, one picture at a time."""

from __future__ import annotations

import streamlit as st

from core.decision import OperatingPoint
from core.pipeline import Pipeline
from ui import uploaded, visit
from ui.photos import NO_FACE, summary
from ui.turns import turn
from ui.wording import plain


def show(pipeline: Pipeline, point: OperatingPoint, *, has_camera: bool) -> None:
    """Take or choose a picture, and answer it. Without a camera here, a phone still offers its own."""
    taken = (
        st.camera_input("Take a picture", key="live_snapshot")
        if has_camera
        else st.file_uploader(
            "Take or choose a picture",
            ["jpg", "jpeg", "png", "webp", "heic"],
            max_upload_size=uploaded.PICTURE_MB,
            key="live_picture",
        )
    )
    uploaded.say_refused()
    album = visit.album("live snapshot")
    if taken is None:
        album.clear()
        return
    if taken.file_id not in album:
        album.clear()
        album.put(taken.file_id, "The picture", uploaded.take(taken))
    (photo,) = album
    if not photo.is_checked(pipeline):
        with st.spinner("Looking at the picture…"), turn():
            album.check(photo, pipeline)
    if photo.error is not None:
        st.error(plain(photo.error))
        return
    result = photo.result(pipeline, point)
    st.image(photo.drawn_preview(result, boxes=True), alt=summary(result), width="stretch")
    if result.faces:
        st.markdown(f"**{plain(summary(result))}**")
    else:
        st.info(NO_FACE, icon=":material/person_search:")
