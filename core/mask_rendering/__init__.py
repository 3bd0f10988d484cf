"""Synthetic masks drawn on bare faces, look-alikes, and sample photos made with them."""

from core.mask_rendering.advice import how_to_wear
from core.mask_rendering.fit import OVER_NOSE
from core.mask_rendering.head import Head, head_from_landmarks
from core.mask_rendering.lookalikes import LOOKALIKES, draw_lookalike
from core.mask_rendering.photo import blur_sigma, drawing_blur, eye_light, skin_tone
from core.mask_rendering.render import draw_mask
from core.mask_rendering.samples import (
    ASTRONAUT_LANDMARKS,
    SAMPLES,
    group_photo,
    masked_portrait,
    sample_frame,
)
from core.mask_rendering.styles import MaskStyle, dark_style, random_style
from core.mask_rendering.ways import (
    BELOW_MOUTH,
    COVERED,
    CUT_OPEN,
    HANGING,
    IN_HAND,
    LABEL_OF,
    MOUTH_OUT,
    NOSE_OUT,
    ON_FOREHEAD,
    OVER_EYES,
    SUBTYPE_OF,
    UNDER_CHIN,
    WAYS,
    WEARINGS,
)

__all__ = [
    "ASTRONAUT_LANDMARKS",
    "BELOW_MOUTH",
    "COVERED",
    "CUT_OPEN",
    "HANGING",
    "IN_HAND",
    "LABEL_OF",
    "LOOKALIKES",
    "MOUTH_OUT",
    "NOSE_OUT",
    "ON_FOREHEAD",
    "OVER_EYES",
    "OVER_NOSE",
    "SAMPLES",
    "SUBTYPE_OF",
    "UNDER_CHIN",
    "WAYS",
    "WEARINGS",
    "Head",
    "MaskStyle",
    "blur_sigma",
    "dark_style",
    "draw_lookalike",
    "draw_mask",
    "drawing_blur",
    "eye_light",
    "group_photo",
    "head_from_landmarks",
    "how_to_wear",
    "masked_portrait",
    "random_style",
    "sample_frame",
    "skin_tone",
]
