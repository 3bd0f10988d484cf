"""A face cut out of a photo, to be looked into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from core.classification import turn_back
from core.images import crop_face, read_image, shrunk
from core.photos import Photo
from core.results import FaceResult
from ui.photos.answers import Answered

_LARGEST = 320  # pixels: no less than networks usually see
_WANTED = "face to explain"


@dataclass(frozen=True, slots=True, eq=False)
class FaceCrop:
    """(H, W, 3) uint8 RGB with the margin that the network sees, and whose it is."""

    rgb: np.ndarray
    title: str


def crop(photo: Photo, face: FaceResult, scale: float) -> np.ndarray:
    """(H, W, 3) uint8 RGB, upright, `scale` times the face's box. Raises `ImageError`."""
    frame = read_image(photo.data, photo.name)
    return shrunk(crop_face(frame, face.detection.box, scale, turn_back(face.detection.landmarks)), _LARGEST)


def want(key: str, number: int) -> None:
    """Have the page explain a face."""
    st.session_state[_WANTED] = key, number


def wanted(photos: list[Answered], scale: float) -> FaceCrop | None:
    """The face that is to be explained, once."""
    key, number = st.session_state.pop(_WANTED, ("", 0))
    one = next((one for one in photos if one.key == key), None)
    if one is None or one.result is None or not 0 < number <= len(one.result.faces):
        return None
    title = f"{one.photo.name}, face {number}" if len(one.result.faces) > 1 else one.photo.name
    return FaceCrop(crop(one.photo, one.result.faces[number - 1], scale), title)
