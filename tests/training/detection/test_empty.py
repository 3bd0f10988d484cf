"""Pictures that are to hold no face hold none."""

import dataclasses

import numpy as np
import pytest

from training.detection.empty import shuffled, without_faces
from training.detection.tiles import training_tile
from training.recipes.face_fpn import RECIPE


@pytest.mark.parametrize("size", [(40, 90), (130, 60), (416, 416)], ids=str)
def test_any_size_is_filled(image, size):
    crowd = image([(20, 30, 60, 80), (100, 10, 124, 40)], 260, 180)
    for seed in range(40):
        picture = without_faces(crowd, *size, np.random.default_rng(seed))
        assert picture.shape == (size[1], size[0], 3) and picture.dtype == np.uint8


def test_pieces_of_a_face_are_smaller_than_it(image):
    """A drawn face is a patch of skin: shuffled, as much skin as there was, and less than most of a face."""
    face = image([(60, 40, 156, 160)], 240, 200)

    def skin(picture):
        return (picture[..., 0].astype(int) + picture[..., 1]) / 2 - picture[..., 2] > 110

    def largest(picture):
        windows = np.lib.stride_tricks.sliding_window_view(skin(picture), (90, 72))[::4, ::4]
        return windows.mean(axis=(2, 3)).max()

    mixed = [shuffled(face, 240, 200, np.random.default_rng(seed)) for seed in range(20)]
    for picture in mixed:
        assert skin(picture).mean() == pytest.approx(skin(face.rgb).mean(), abs=0.03)
        assert largest(picture) < 0.95
    assert largest(face.rgb) > 0.95 and np.median([largest(picture) for picture in mixed]) < 0.75


def test_empty_parts_have_no_rows(image):
    recipe = dataclasses.replace(RECIPE, size=128, empty_share=1.0)
    crowd = image([(20, 30, 60, 80)], 260, 180)
    _, rows = training_tile([crowd], np.ones(1), (), recipe, np.random.default_rng(0))
    assert len(rows) == 0
