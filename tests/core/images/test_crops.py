import numpy as np
import pytest

from core.images.crops import MAX_CROP_SIDE, crop_face, to_batch, to_input
from core.results import Frame


def ramp(height=100, width=200):
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[..., 0] = np.arange(width)
    rgb[..., 1] = np.arange(height)[:, None]
    return Frame(rgb)


def test_crop_is_a_square_around_the_box():
    crop = crop_face(ramp(), (90, 40, 110, 50), scale=1.5)
    assert crop.shape == (30, 30, 3)
    assert tuple(crop[0, 0, :2]) == (85, 30)


def test_crop_repeats_the_edge_where_it_leaves_the_frame():
    crop = crop_face(ramp(), (0, 0, 20, 20), scale=2.0)
    assert crop.shape == (40, 40, 3)
    assert crop[0, 0, 0] == 0 and crop[39, 39, 0] == 29
    assert (crop[:10, :, 1] == 0).all()


def test_crop_is_a_copy():
    frame = ramp()
    crop_face(frame, (50, 20, 80, 50), 1.0)[:] = 0
    assert frame.rgb[30, 60, 0] == 60


def test_crop_outside_the_frame_is_a_mistake():
    with pytest.raises(ValueError, match="outside"):
        crop_face(ramp(), (300, 300, 310, 310), 1.0)


@pytest.mark.parametrize("shape", [(1, 1), (7, 200), (300, 40), (64, 64)])
def test_any_crop_becomes_the_networks_square(shape):
    assert to_input(np.full((*shape, 3), 9, np.uint8), 64).shape == (64, 64, 3)


def test_a_narrow_crop_is_padded_by_its_edge_and_not_squeezed():
    crop = np.zeros((40, 20, 3), np.uint8)
    crop[:, 9:11] = 255  # a line two pixels wide
    square = to_input(crop, 40)
    assert (square[20] > 0).any(axis=1).sum() == 2


def test_batch_is_float_in_0_to_255():
    batch = to_batch([np.full((5, 5, 3), 255, np.uint8), np.zeros((9, 9, 3), np.uint8)], 16)
    assert batch.shape == (2, 16, 16, 3) and batch.dtype == np.float32
    assert batch[0].min() == 255 and batch[1].max() == 0


def test_a_crop_never_takes_more_memory_than_a_picture_may_have():
    """A box along a long strip asks for a square of 30,000 x 30,000 pixels."""
    rgb = np.zeros((100, 20_000, 3), np.uint8)
    rgb[:, 10_000:] = 200
    crop = crop_face(Frame(rgb), (0, 0, 20_000, 100), 1.5)
    assert crop.shape == (MAX_CROP_SIDE, MAX_CROP_SIDE, 3)
    assert crop[MAX_CROP_SIDE // 2, 1000, 0] == 0 and crop[MAX_CROP_SIDE // 2, 3000, 0] == 200
    large = crop_face(Frame(np.full((5000, 5000, 3), 7, np.uint8)), (0, 0, 5000, 5000), 1.0)
    assert large.shape == (MAX_CROP_SIDE, MAX_CROP_SIDE, 3) and (large == 7).all()
