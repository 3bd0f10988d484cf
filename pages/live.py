"""Live: the visitor's own camera, each person in view followed and judged."""

import streamlit as st

from core.errors import MaskwiseError
from ui import model_choice
from ui.live import component, downloads, snapshot, visit
from ui.live import settings as live_settings
from ui.router import CHECK_PHOTOS, LIVE, require_router
from ui.wording import plain

require_router(LIVE)

st.set_page_config(layout="wide")  # the video and its figures side by side
st.title("Live video", anchor=False)
settings = live_settings.ask_controls()
if settings is None:
    st.stop()
try:
    pipeline = model_choice.load(settings.choice)
    ice_servers = visit.ice_servers(settings.transport)
except MaskwiseError as problem:
    st.error(plain(str(problem)))
    st.stop()
viewer = visit.viewer()
with st.container():  # here with and without a notice: the video would start anew if it moved down the page
    if notice := visit.notice(settings.transport):
        st.info(notice, icon=":material/swap_horiz:")
report = component.stage(
    viewer,
    transport=settings.transport,
    ice_servers=ice_servers,
    door=settings.door,
    alert=settings.alert,
    sound=settings.sound,
    autostart=visit.autostarts(),
    start=settings.start,
    on_give_up=visit.give_up_webrtc,
)
viewer.configure(settings.for_session(pipeline, ice_servers, mirror=report.mirror))
if report.earlier and viewer.go_on_from(report.earlier):
    st.rerun()  # with what was counted before the page was loaded anew
downloads.offer(viewer, playing=report.playing)
st.caption(
    "Pictures go to the server that sent you this page, are analysed in memory and discarded immediately. "
    "Nothing is saved or shared."
)
if report.problem:
    st.subheader("No live video? Check a single picture", anchor=False)
    snapshot.show(
        pipeline, settings.choice.operating_point, has_camera=report.problem in component.HAS_CAMERA
    )
    st.page_link(CHECK_PHOTOS, label="Check photos instead", icon=":material/photo_library:")
