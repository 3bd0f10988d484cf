"""Synthetic masks drawn on bare faces, and sample photos made with them."""

from core.mask_rendering.head import Head, head_from_landmarks
from core.mask_rendering.photo import blur_sigma, drawing_blur, eye_light, skin_tone
from core.mask_rendering.render import LABEL_OF, TAKEN_OFF, WEARINGS, draw_mask, random_style
from core.mask_rendering.samples import (
    ASTRONAUT_LANDMARKS,
    SAMPLES,
    group_photo,
    masked_portrait,
    sample_frame,
)
from core.mask_rendering.worn import OVER_NOSE

__all__ = [
    "ASTRONAUT_LANDMARKS",
    "LABEL_OF",
    "OVER_NOSE",
    "SAMPLES",
    "TAKEN_OFF",
    "WEARINGS",
    "Head",
    "blur_sigma",
    "draw_mask",
    "drawing_blur",
    "eye_light",
    "group_photo",
    "head_from_landmarks",
    "masked_portrait",
    "random_style",
    "sample_frame",
    "skin_tone",
]
