"""Controls that several pages have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")


def download(
    label: str, make: Callable[[], bytes | str], file_name: str, mime: str, *, key: str, **options: Any
) -> None:
    """A button for a file that is made when it is pressed, in memory; `options` as of Streamlit's."""
    look = {"icon": ":material/download:"} | options
    st.download_button(label, make, file_name=file_name, mime=mime, key=key, on_click="ignore", **look)


def ask_page(count: int, size: int, key: str) -> slice:
    """Which `size` of `count` things to show: asked where there are more, and anew where `key` is another."""
    page, pages = 1, -(-count // size)
    if pages > 1:
        page = st.pagination(pages, key=f"{key}, {pages} pages")
    return slice((page - 1) * size, page * size)


def choose_one(
    label: str,
    options: Iterable[T],
    *,
    key: str,
    draw: Callable[..., Any] = st.segmented_control,
    **more: Any,
) -> T:
    """Buttons of which one is always pressed, the first if no other `default` is named; kept with the page.

    `draw` may be `st.pills` instead; `more` are options of either. The only one is not asked for.
    """
    options = list(options)
    if len(options) == 1:
        return options[0]
    given = {"default": options[0]} | more
    chosen: T = draw(label, options, key=key, required=True, persist_state="page", **given)
    return chosen


def select(label: str, options: Iterable[T], *, key: str, **more: Any) -> T:
    """From a list that folds out, kept with the page. The only one is not asked for."""
    options = list(options)
    if len(options) == 1:
        return options[0]
    chosen: T = st.selectbox(label, options, key=key, persist_state="page", **more)
    return chosen
