"""Which decoder reads the video that visitors send by WebRTC."""

from __future__ import annotations

import importlib

from ui.server.patches import declare

_DECODERS = declare(
    "vp8-bounds",
    "aiortc.codecs:get_decoder",
    "34ebfdf7296a",
    "aiortc decodes pictures of any size, 16,383 x 16,383 from a few bytes, and as many as come",
)


def use_decoder(decoder: type) -> None:
    """Have aiortc decode VP8 by it. Raises `RuntimeError`."""
    _DECODERS.found()
    importlib.import_module("aiortc.codecs").Vp8Decoder = decoder  # type: ignore[attr-defined]  # a name that it imports
