"""Rows move as their picture does."""

import cv2
import numpy as np
import pytest

from training.detection.rows import (
    FACE,
    IGNORED,
    POINTS,
    ROW,
    UNKNOWN,
    AnnotatedImage,
    mirrored,
    moved,
    row,
    seen,
    turned,
)

FIVE = [(12, 14), (18, 14), (15, 17), (13, 20), (17, 20)]
BOTH = np.stack([row((10, 10, 20, 24), FACE, 2, FIVE), row((30, 5, 40, 15), IGNORED)])


def test_a_row_holds_box_kind_label_and_points():
    assert BOTH.shape == (2, ROW)
    assert BOTH[0].tolist() == [10, 10, 20, 24, FACE, 2, 12, 14, 18, 14, 15, 17, 13, 20, 17, 20, 1]
    assert BOTH[1, :6].tolist() == [30, 5, 40, 15, IGNORED, -1]
    assert (BOTH[1, POINTS] == UNKNOWN).all()


def test_rows_of_a_kind():
    image = AnnotatedImage(np.zeros((50, 50, 3), np.uint8), BOTH, "here")
    assert image.of_kind(FACE).tolist() == BOTH[:1].tolist()
    assert image.of_kind(IGNORED).tolist() == BOTH[1:].tolist()


def test_moving_scales_first_and_leaves_unknown_points_unknown():
    there = moved(BOTH, 2, 3, 5, -4)
    assert there[0].tolist() == [25, 26, 45, 68, FACE, 2, 29, 38, 41, 38, 35, 47, 31, 56, 39, 56, 1]
    assert there[1, :4].tolist() == [65, 11, 85, 41]
    assert (there[1, POINTS] == UNKNOWN).all()
    assert BOTH[0, 0] == 10  # the rows that came in are as they were


def test_in_the_mirror_a_right_eye_is_a_left_one():
    there = mirrored(BOTH, 100)
    assert there[0, :6].tolist() == [80, 10, 90, 24, FACE, 2]
    # The point at x=18 was the left eye; at 82 it is the right one. So with the mouth, not with the nose.
    assert there[0, POINTS].reshape(5, 2).tolist() == [[82, 14], [88, 14], [85, 17], [83, 20], [87, 20]]
    assert there[1, :4].tolist() == [60, 5, 70, 15]
    assert (there[1, POINTS] == UNKNOWN).all()
    assert (mirrored(there, 100) == BOTH).all()


def about_the_middle(degrees, size=100):
    return cv2.getRotationMatrix2D((size / 2, size / 2), degrees, 1.0)


def test_a_quarter_turn_swaps_the_sides_of_a_box_and_keeps_whose_eye_is_whose():
    there = turned(BOTH, about_the_middle(90), 90)  # against the clock: what was right is up
    np.testing.assert_allclose(there[0, :4], [10, 80, 24, 90], atol=1e-4)
    five = there[0, POINTS].reshape(5, 2)
    np.testing.assert_allclose(five, [[14, 88], [14, 82], [17, 85], [20, 87], [20, 83]], atol=1e-4)
    assert there[0, 4:6].tolist() == [FACE, 2] and there[0, -1] == 1
    assert (there[1, POINTS] == UNKNOWN).all()


@pytest.mark.parametrize("degrees", [17, -40, 135])
def test_the_box_of_a_turned_head_is_that_of_a_turned_ellipse(degrees):
    angle = np.radians(np.arange(0, 360, 0.5))
    ellipse = np.stack([35 + 12 * np.cos(angle), 60 + 20 * np.sin(angle)], axis=1)
    matrix = about_the_middle(degrees)
    outline = ellipse @ matrix[:, :2].T + matrix[:, 2]
    (there,) = turned(row((23, 40, 47, 80))[None], matrix, degrees)
    np.testing.assert_allclose(there[:4], [*outline.min(axis=0), *outline.max(axis=0)], atol=0.01)


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize(
    ("box", "kind", "clipped"),
    [
        ((10, 10, 20, 20), FACE, (10, 10, 20, 20)),
        ((-4, 10, 6, 20), FACE, (0, 10, 6, 20)),  # 60% of it is there
        ((-7, 10, 3, 20), IGNORED, (0, 10, 3, 20)),  # 30%
        ((95, 90, 105, 110), IGNORED, (95, 90, 100, 100)),  # 25%: half of each side
        ((50, 50, 54, 54), IGNORED, (50, 50, 54, 54)),  # whole, and too small to tell
    ],
)
def test_a_face_of_which_little_is_seen_is_neither_face_nor_ground(box, kind, clipped, clip):
    (there,) = seen(row(box, FACE, 1, FIVE)[None], 100, 100, clip=clip)
    assert there[4] == kind
    # The box of a face at the edge of a picture goes on, so that it can be told how much of it is cut off.
    assert tuple(there[:4]) == (clipped if clip or kind == IGNORED else box)
    assert tuple(there[5:]) == tuple(row(box, FACE, 1, FIVE)[5:])


@pytest.mark.parametrize("box", [(100, 10, 110, 20), (-20, -20, -5, -5), (99.9, 50, 120, 55)])
def test_what_lies_outside_is_gone(box):
    assert seen(row(box)[None], 100, 100, clip=True).shape == (0, ROW)
