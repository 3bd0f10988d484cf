"""The ways in: cards, each a link as a whole."""

from __future__ import annotations

import streamlit as st

# The link is as large as its card: a click anywhere opens it, and the keyboard finds one link a card.
_WHOLE = """<style>
[class*="st-key-way_in_"] {position: relative !important}
[class*="st-key-way_in_"] * {position: static !important}
[class*="st-key-way_in_"] a::after {content: ""; position: absolute !important; inset: 0}
[class*="st-key-way_in_"] a {padding-left: 0 !important; padding-right: 0 !important}
[class*="st-key-way_in_"] a * {white-space: normal !important; overflow: visible !important}
[class*="st-key-way_in_"]:hover {border-color: currentColor}
</style>"""


def cards(*ways: tuple[str, str, str, str]) -> None:
    """Each is a page's file, its name, its icon and a sentence."""
    st.html(_WHOLE)
    for column, (page, name, icon, sentence) in zip(st.columns(len(ways)), ways, strict=True):
        with column.container(border=True, height="stretch", key=f"way_in_{icon}"):
            st.page_link(page, label=f"**{name}**", icon=f":material/{icon}:")
            st.markdown(sentence)
