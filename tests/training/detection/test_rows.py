"""Rows move as their picture does."""

import numpy as np
import pytest

from training.detection.rows import FACE, IGNORED, ROW, UNKNOWN, AnnotatedImage, mirrored, moved, row, seen

POINTS = [(12, 14), (18, 14), (15, 17), (13, 20), (17, 20)]
BOTH = np.stack([row((10, 10, 20, 24), FACE, 2, POINTS), row((30, 5, 40, 15), IGNORED)])


def test_a_row_holds_box_kind_label_and_points():
    assert BOTH.shape == (2, ROW)
    assert BOTH[0].tolist() == [10, 10, 20, 24, FACE, 2, 12, 14, 18, 14, 15, 17, 13, 20, 17, 20]
    assert BOTH[1, :6].tolist() == [30, 5, 40, 15, IGNORED, -1]
    assert (BOTH[1, 6:] == UNKNOWN).all()


def test_rows_of_a_kind():
    image = AnnotatedImage(np.zeros((50, 50, 3), np.uint8), BOTH, "here")
    assert image.of_kind(FACE).tolist() == BOTH[:1].tolist()
    assert image.of_kind(IGNORED).tolist() == BOTH[1:].tolist()


def test_moving_scales_first_and_leaves_unknown_points_unknown():
    there = moved(BOTH, 2, 3, 5, -4)
    assert there[0].tolist() == [25, 26, 45, 68, FACE, 2, 29, 38, 41, 38, 35, 47, 31, 56, 39, 56]
    assert there[1, :4].tolist() == [65, 11, 85, 41]
    assert (there[1, 6:] == UNKNOWN).all()
    assert BOTH[0, 0] == 10  # the rows that came in are as they were


def test_in_the_mirror_a_right_eye_is_a_left_one():
    turned = mirrored(BOTH, 100)
    assert turned[0, :6].tolist() == [80, 10, 90, 24, FACE, 2]
    # The point at x=18 was the left eye; at 82 it is the right one. So with the mouth, not with the nose.
    assert turned[0, 6:].reshape(5, 2).tolist() == [[82, 14], [88, 14], [85, 17], [83, 20], [87, 20]]
    assert turned[1, :4].tolist() == [60, 5, 70, 15]
    assert (turned[1, 6:] == UNKNOWN).all()
    assert (mirrored(turned, 100) == BOTH).all()


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize(
    ("box", "kind", "clipped"),
    [
        ((10, 10, 20, 20), FACE, (10, 10, 20, 20)),
        ((-4, 10, 6, 20), FACE, (0, 10, 6, 20)),  # 60 % of it is there
        ((-7, 10, 3, 20), IGNORED, (0, 10, 3, 20)),  # 30 %
        ((95, 90, 105, 110), IGNORED, (95, 90, 100, 100)),  # 25 %: half of each side
        ((50, 50, 54, 54), IGNORED, (50, 50, 54, 54)),  # whole, and too small to tell
    ],
)
def test_a_face_of_which_little_is_seen_is_neither_face_nor_ground(box, kind, clipped, clip):
    (there,) = seen(row(box, FACE, 1, POINTS)[None], 100, 100, clip=clip)
    assert there[4] == kind
    # The box of a face at the edge of a picture goes on, so that it can be told how much of it is cut off.
    assert tuple(there[:4]) == (clipped if clip or kind == IGNORED else box)
    assert tuple(there[5:]) == tuple(row(box, FACE, 1, POINTS)[5:])


@pytest.mark.parametrize("box", [(100, 10, 110, 20), (-20, -20, -5, -5), (99.9, 50, 120, 55)])
def test_what_lies_outside_is_gone(box):
    assert seen(row(box)[None], 100, 100, clip=True).shape == (0, ROW)
