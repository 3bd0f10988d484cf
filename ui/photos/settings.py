"""The controls beside the pictures."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from ui import kept, model_choice
from ui.model_choice import ModelChoice


@dataclass(frozen=True, slots=True)
class PhotoSettings:
    """What the visitor chose."""

    choice: ModelChoice
    boxes: bool
    blur_downloads: bool


def ask_settings() -> PhotoSettings | None:
    """The settings from the sidebar, or None when no model or no detector is usable; says so there."""
    with st.sidebar:
        st.header("Settings", anchor=False)
        choice = model_choice.choose_model()
        if choice is None:
            return None
        boxes = kept.toggle("Show boxes", key="boxes", default=True)
        blur = kept.toggle("Blur faces in downloads", key="blur")
        if blur:
            st.caption("Faces are blurred in the downloaded pictures, and cannot be recovered.")
    return PhotoSettings(choice, boxes, blur)
