"""Asking for a web address, and fetching what is there."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st

from core.errors import MaskwiseError
from core.scheduling import cancellable
from ui.turns import end_if_unwanted
from ui.wording import plain

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d)|//", re.IGNORECASE)  # "localhost:80" is a host and its port


def ask(
    what: str, example: str, fetch: Callable[[str], bytes], *, key: str = ""
) -> tuple[str, str, bytes] | None:
    """Ask for the address of a picture or a video. Its address, name and content, once it is fetched.

    `example` is a file name; `key` begins those of the widgets.
    """
    with st.form(f"{key}web", border=False):
        url = st.text_input(
            f"Address of a {what}", placeholder=f"https://…/{example}", key=f"{key}url"
        ).strip()
        wanted = st.form_submit_button("Fetch", key=f"{key}fetch")
    st.caption(f"This server fetches the {what}; the site sees the server's address, not yours.")
    if not wanted or not url:
        return None
    url = url if _SCHEME.match(url) else f"https://{url}"
    try:
        with st.spinner(f"Fetching the {what}…"), cancellable(end_if_unwanted):
            data = fetch(url)
    except MaskwiseError as problem:
        st.error(plain(str(problem)))
        return None
    return url, url.split("?")[0].rstrip("/").rsplit("/", 1)[-1], data
