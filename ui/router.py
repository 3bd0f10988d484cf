"""Which pages there are, and how a visitor reaches them.

Streamlit takes a folder named `pages` for its older kind of app until `st.navigation` was called once in a
server's life. A fresh server's first visitor may therefore be shown a page's file without `app.py` around it.
Every page's first lines call `require_router`, which sends that visitor through `app.py`.
"""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from ui.server import login, password_form

_ROUTED, _WANTED = "router.routed", "router.wanted"

ENTRY = "app.py"
HOME = "pages/home.py"
CHECK_PHOTOS = "pages/check_photos.py"
CHECK_VIDEO = "pages/check_video.py"
LIVE = "pages/live.py"
DASHBOARD = "pages/dashboard.py"


def require_router(page: str) -> None:
    """Go through `app.py`, then back to `page`, if this session has not been there yet."""
    if not st.session_state.get(_ROUTED):
        asked = st.query_params
        st.session_state[_WANTED] = page, {name: asked.get_all(name) for name in asked}
        st.switch_page(ENTRY)


def _to_home() -> None:
    st.switch_page(HOME)


def _for_those_let_in() -> list[StreamlitPage]:
    """A way out, where there was a door to come in by."""
    if not (login.is_wanted() or password_form.is_wanted()):
        return []
    return [st.Page(_log_out, title="Log out", icon=":material/logout:", url_path="log_out")]


def _log_out() -> None:
    st.title("Log out", anchor=False)
    if login.is_wanted():
        st.button("Log out", type="primary", on_click=st.logout)
    else:
        st.html(f'<a href="{password_form.leave_address()}" target="_self">Log out of this browser</a>')


def route() -> StreamlitPage:
    """The page that was asked for, ready to run. Draws the navigation."""
    page = st.navigation(
        [
            st.Page(HOME, title="Home", icon=":material/home:", url_path="", default=True),
            st.Page(CHECK_PHOTOS, title="Check photos", icon=":material/photo_library:"),
            st.Page(CHECK_VIDEO, title="Check a video", icon=":material/movie:"),
            st.Page(LIVE, title="Live video", icon=":material/videocam:"),
            st.Page(DASHBOARD, title="Model dashboard", icon=":material/monitoring:"),
            # The default page lives at "/" alone, yet people type /home.
            st.Page(_to_home, title="Home", url_path="home", visibility="hidden"),
            *_for_those_let_in(),
        ],
        position="top",
    )
    st.session_state[_ROUTED] = True
    if wanted := st.session_state.pop(_WANTED, None):
        page_file, asked = wanted
        st.switch_page(page_file, query_params=asked)
    return page
