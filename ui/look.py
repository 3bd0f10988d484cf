"""What Streamlit's theme cannot say: less space above titles, captions and a focus that everybody sees."""

from __future__ import annotations

import streamlit as st

_STYLE = """<style>
[data-testid="stMainBlockContainer"] {padding-top: 4.5rem; padding-bottom: 3rem}
[data-testid="stMain"] h1 {padding-top: 0}
[data-testid="stCaptionContainer"], [data-testid="stCaptionContainer"] p {color: inherit !important}
[data-testid="stCaptionContainer"] {opacity: .8}
.stApp :is(a, button, [role="tab"], [role="radio"], summary, [tabindex="0"]):focus-visible {
  outline: 3px solid currentColor; outline-offset: 2px}
</style>"""


def apply() -> None:
    """On every page, before it is drawn."""
    st.html(_STYLE)
