"""Photos of a face with a mask drawn on it, worn right and in each wrong way."""

from __future__ import annotations

import base64
import html
from functools import cache

import cv2
import numpy as np

from core.labels import appearance
from core.mask_drawing import TAKEN_OFF, WEARINGS
from core.samples import masked_portrait
from ui.theme import chip

_SIDE = 240  # pixels: sharp on a phone's fine screen, and 15 KB
_SEED = 1  # with it the mask worn right reaches under the chin
_LABEL = {WEARINGS[0]: "with_mask"}
_SAID = {
    WEARINGS[0]: "Over nose, mouth and chin.",
    WEARINGS[1]: "The nose is out.",
    WEARINGS[2]: "Below the mouth.",
    TAKEN_OFF[0]: "Under the chin.",
    TAKEN_OFF[1]: "Hanging from an ear.",
}


@cache  # drawn once a server
def photos_of_wearings() -> str:
    """HTML of the ways to wear a mask as a photo shows them, the proper one first."""
    # Two side by side on a phone, five on a desk.
    style = (
        ".worn{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr))}"
        ".worn figure{margin:0}.worn img{border-radius:.5rem}"
    )
    return f'<style>{style}</style><div class="worn">{"".join(map(_figure, _SAID))}</div>'


def _figure(wearing: str) -> str:
    picture = masked_portrait(wearing, _SIDE, rng=np.random.default_rng(_SEED))[..., ::-1]
    source = base64.b64encode(cv2.imencode(".jpg", picture)[1].tobytes()).decode()
    look, said = appearance(_LABEL.get(wearing, "incorrect_mask")), html.escape(_SAID[wearing])
    return (
        f'<figure><img width="100%" alt="Photo of a face, a mask drawn on it. {said}" '
        f'src="data:image/jpeg;base64,{source}"><figcaption>{chip(look)}<br>{said}</figcaption></figure>'
    )
