"""The built-in sample, answered on the first page."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.drawing import annotate
from core.errors import DetectorError, MaskwiseError
from core.images import to_jpeg
from core.labels import appearance
from core.mask_rendering import BELOW_MOUTH, COVERED, NOSE_OUT, masked_portrait, sample_frame
from core.results import Frame, Result
from ui import loaders
from ui.turns import turn
from ui.wording import plain

_SIDE, _SEED = 300, 1


def show(model: str) -> None:
    """The sample with its answers. Says so where it cannot be answered."""
    try:
        with st.spinner("Checking the sample…"):
            picture, result = _answered(model, _detector())
    except MaskwiseError as problem:
        st.error(plain(str(problem)))
        return
    found = ", ".join(f"{n} {appearance(answer).short.lower()}" for answer, n in result.counts().items())
    sentence = f"{len(result.faces)} faces: {found}."
    st.image(picture, alt=f"The sample: {sentence}", width="stretch")
    st.caption(
        f"{plain(sentence)} The person is the astronaut Eileen Collins (NASA, public domain); the masks are "
        "drawn on by Maskwise."
    )


def _detector() -> str:
    """Name of the first that is at hand. Raises `DetectorError`."""
    for offer in loaders.detector_offers():
        if offer.unavailable is None:
            return offer.name
    raise DetectorError("No face detector is installed, so nothing can be checked. See the README.")


@st.cache_resource(show_spinner=False, max_entries=4)
def _answered(model: str, detector: str) -> tuple[bytes, Result]:
    """JPEG and answer: nobody's own picture, so one for all visitors. Raises `MaskwiseError`."""
    heads = [
        masked_portrait(way, _SIDE, rng=np.random.default_rng(_SEED))
        for way in (COVERED, NOSE_OUT, BELOW_MOUTH)
    ]
    bare = sample_frame("no_mask").rgb[:_SIDE, 80 : 80 + _SIDE]
    frame = Frame(np.ascontiguousarray(np.hstack([*heads, bare])))
    pipeline = loaders.pipeline(model, detector)
    with turn():
        result = pipeline.check(frame)
    return to_jpeg(annotate(frame, result.faces)), result
