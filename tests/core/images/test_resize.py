"""A picture in another size: which, by which kernel, and when it stays as it is."""

import numpy as np
import pytest

from core.images.resize import resized, scaled, scaled_size, shrunk

CHECKERED = np.indices((40, 40)).sum(axis=0) % 2 * np.uint8(255)


@pytest.mark.parametrize(
    ("size", "scale", "expected"),
    [((640, 480), 0.5, (320, 240)), ((9000, 1), 0.1, (900, 1)), ((1, 1), 0.1, (1, 1))],
)
def test_no_side_vanishes(size, scale, expected):
    assert scaled_size(*size, scale) == expected
    assert scaled(np.zeros((*size[::-1], 3), np.uint8), scale).shape == (*expected[::-1], 3)


def test_shrinking_is_free_of_aliasing():
    """Every new pixel covers as many white as black ones, whatever the phase."""
    small = resized(np.repeat(CHECKERED.astype(np.uint8)[..., None], 3, axis=2), (10, 10))
    assert small.min() >= 127 and small.max() <= 128


def test_enlarging_is_smooth():
    edge = np.zeros((1, 2, 3), np.uint8)
    edge[:, 1] = 200
    assert resized(edge, (8, 1))[0, :, 0].tolist() == [0, 0, 25, 75, 125, 175, 200, 200]


def test_what_fits_stays_the_same_array():
    rgb = np.zeros((30, 40, 3), np.uint8)
    assert scaled(rgb, 1.0) is rgb and shrunk(rgb, 40) is rgb and resized(rgb, (40, 30)) is rgb
    assert shrunk(rgb, 400) is rgb  # never enlarged
    assert shrunk(rgb, 20).shape == (15, 20, 3)
