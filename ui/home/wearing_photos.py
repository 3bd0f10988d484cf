"""Photos of a face with a mask drawn on it, worn right and in each wrong way."""

from __future__ import annotations

from functools import cache

import numpy as np

from core.images import to_jpeg
from core.labels import appearance
from core.mask_rendering import (
    BELOW_MOUTH,
    COVERED,
    HANGING,
    LABEL_OF,
    NOSE_OUT,
    UNDER_CHIN,
    masked_portrait,
)
from ui.home.illustrations import side_by_side

_SIDE = 240  # pixels: sharp on a phone's fine screen, and 15 KB
_SEED = 1  # with it the mask worn right reaches under the chin
_SAID = {
    COVERED: "Over nose, mouth and chin.",
    NOSE_OUT: "The nose is out.",
    BELOW_MOUTH: "Below the mouth.",
    UNDER_CHIN: "Under the chin.",
    HANGING: "Hanging from an ear.",
}


@cache  # drawn once a server
def photos_of_wearings() -> str:
    """HTML of the ways to wear a mask as a photo shows them, the proper one first."""
    figures = [(_photo(wearing), appearance(LABEL_OF[wearing]), said) for wearing, said in _SAID.items()]
    what = "Photo of a face, a mask drawn on it."
    return side_by_side(figures, "jpeg", what, 8)  # two on a phone, five on a desk


def _photo(wearing: str) -> bytes:
    return to_jpeg(masked_portrait(wearing, _SIDE, rng=np.random.default_rng(_SEED)))
