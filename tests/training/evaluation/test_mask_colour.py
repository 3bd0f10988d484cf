"""A mask's colour is told by name, from the cloth alone and in any light that leaves it one."""

import numpy as np
import pytest

from core.images.crops import crop_face
from core.mask_rendering import WEARINGS, MaskStyle, draw_mask
from core.mask_rendering.samples import ASTRONAUT_LANDMARKS, sample_frame
from core.results import Frame
from training.evaluation.mask_colour import COLOURS, colour_of_mask

FACE = (175, 60, 270, 180)  # of the astronaut, pixels


@pytest.mark.parametrize(
    ("colour", "named"),
    [
        ((26, 26, 29), "black"),
        ((120, 120, 124), "grey"),
        ((240, 242, 243), "white"),
        ((110, 168, 205), "blue or green"),
        ((46, 120, 80), "blue or green"),
        ((170, 36, 44), "another colour"),
        ((206, 176, 70), "another colour"),
    ],
)
@pytest.mark.parametrize("wearing", WEARINGS[:2])
def test_cloth_has_the_colour_it_was_drawn_in(colour, named, wearing):
    style = MaskStyle(shape="sponge", colour=colour, trim=colour)
    drawn = Frame(draw_mask(sample_frame("no_mask").rgb, ASTRONAUT_LANDMARKS, wearing, style))
    x1, y1, x2, y2 = FACE
    assert colour_of_mask(drawn.rgb[y1:y2, x1:x2]) == named
    assert colour_of_mask(crop_face(drawn, FACE, 1.0)) == named


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (400, 300)])
def test_any_size_has_one(shape):
    for value in (0, 127, 255):
        assert colour_of_mask(np.full((*shape, 3), value, np.uint8)) in COLOURS
