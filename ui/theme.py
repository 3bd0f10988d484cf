"""The plate that shows an answer. Themes: `.streamlit/config.toml`."""

from __future__ import annotations

from html import escape

from core.drawing import ink_on
from core.labels import Appearance


def chip(look: Appearance) -> str:
    """HTML of an answer: icon and word on a filled plate."""
    return (
        '<span style="display:inline-block;border-radius:1rem;padding:.1rem .6rem;font-weight:600;'
        f'background:{look.colour};color:{ink_on(look.colour)}">'
        f'<span aria-hidden="true">{escape(look.icon)}</span> {escape(look.short)}</span>'
    )
