"""The face that a visitor picked to look into, on its way from one view to another, in the visit only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

_PICKED = "picked_face"


@dataclass(frozen=True, slots=True, eq=False)
class PickedFace:
    """A crop (H, W, 3) uint8 RGB with the margin that networks see, a plain title, and what is true of it."""

    rgb: np.ndarray
    title: str
    true_label: str | None = None


def pick(face: PickedFace) -> None:
    st.session_state[_PICKED] = face


def picked() -> PickedFace | None:
    return st.session_state.get(_PICKED)
