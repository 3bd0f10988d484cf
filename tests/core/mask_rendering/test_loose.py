"""A mask beside the face is drawn whole."""

import numpy as np
import pytest

from core.mask_rendering.cloth import Canvas
from core.mask_rendering.head import head_from_landmarks
from core.mask_rendering.loose import Hanging, InHand
from core.mask_rendering.samples import ASTRONAUT_LANDMARKS
from core.mask_rendering.styles import MaskStyle

HEAD = head_from_landmarks(ASTRONAUT_LANDMARKS)


def hanging(shape, rng):
    return Hanging(HEAD, MaskStyle(shape), rng)


def in_hand(shape, rng):
    return InHand(HEAD, MaskStyle(shape), np.array([200, 150, 120]), 512, rng)


@pytest.mark.parametrize("shape", ["surgical", "bandana"])  # with loops and without
@pytest.mark.parametrize("make", [hanging, in_hand])
def test_nothing_of_it_lies_outside_its_corners(make, shape):
    for seed in range(40):
        rng = np.random.default_rng(seed)
        piece = make(shape, rng)
        corners = piece.corners()
        window = (*np.floor(corners.min(axis=0)).astype(int), *np.ceil(corners.max(axis=0)).astype(int))
        paint, _ = piece.layers(Canvas(tuple(map(int, window)), 1.0), rng)
        opaque = paint[..., 3]
        assert opaque.max() > 0.9
        assert max(edge.max() for edge in (opaque[0], opaque[-1], opaque[:, 0], opaque[:, -1])) == 0
