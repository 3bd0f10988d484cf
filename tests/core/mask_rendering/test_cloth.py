"""What a mask is drawn on, and how opaque cloth and straps are on it."""

import numpy as np
import pytest

from core.mask_rendering.cloth import Canvas, opaque, painted
from core.mask_rendering.styles import MaskStyle

RED, WHITE = (200, 0, 0), (255, 255, 255)
STYLE = MaskStyle(colour=RED, trim=WHITE)


def test_a_canvas_is_finer_than_the_photo_and_knows_its_pixels_there():
    canvas = Canvas((10, 20, 30, 30), 2.0)
    x, y = canvas.pixels()
    assert canvas.size == (40, 20) == (len(x), len(y))
    assert (x[0], x[-1], y[0], y[-1]) == (10.25, 29.75, 20.25, 29.75)  # middles of half pixels
    assert Canvas((0, 0, 1, 1), 0.01).size == (1, 1)


def test_a_line_lies_where_its_points_say():
    alpha = Canvas((100, 100, 140, 120), 2.0).lines([np.array([[105.0, 110.0], [135.0, 110.0]])], 2.0)
    assert alpha.shape == (40, 80) and alpha.dtype == np.float32
    assert (alpha[20, 12:68] == 1).all()  # (110 - 100) x 2, from (105 - 100) x 2 to (135 - 100) x 2
    assert not alpha[:14].any() and not alpha[26:].any() and not alpha[:, :6].any()
    assert not Canvas((0, 0, 9, 9), 1.0).lines([np.array([[4.0, 4.0]])], 2.0).any()  # one point is no line


def test_cloth_is_opaque_inside_its_outline_and_half_so_on_it():
    inside = np.array([[-9.0, 0.0, 9.0]], np.float32)
    assert opaque(STYLE, inside).tolist() == [[0.0, 0.5, 1.0]]
    thin = MaskStyle(opacity=0.5)
    assert opaque(thin, inside).tolist() == [[0.0, 0.25, 0.5]]


def test_straps_are_seen_where_no_cloth_is():
    colour = np.full((1, 3, 3), RED, np.float32)
    paint = painted(
        STYLE, colour, alpha=np.array([[1, 0, 0]], np.float32), straps=np.array([[1, 1, 0]], np.float32)
    )
    assert paint[0].tolist() == [[200, 0, 0, 1], [255, 255, 255, 1], [0, 0, 0, 0]]


def test_straps_of_a_print_have_the_cloths_colour():
    style = MaskStyle(colour=RED, trim=WHITE, pattern="dots")
    paint = painted(style, np.zeros((1, 1, 3), np.float32), np.zeros((1, 1), np.float32), np.ones((1, 1)))
    assert paint[0, 0].tolist() == pytest.approx([200, 0, 0, 1])
