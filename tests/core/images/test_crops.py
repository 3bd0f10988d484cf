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


@pytest.mark.parametrize(("quarters", "roll"), [(1, 90), (2, 180), (3, -90)])
def test_a_turned_face_is_turned_back(quarters, roll):
    noise = np.random.default_rng(0).integers(0, 256, (100, 200, 3), np.uint8)
    upright = crop_face(Frame(noise), (85, 35, 115, 65), 1.4)
    turned = np.rot90(noise, -quarters)  # clockwise
    box = (85, 35, 115, 65) if quarters == 2 else (35, 85, 65, 115)
    crop = crop_face(Frame(np.ascontiguousarray(turned)), box, 1.4, roll)
    assert crop.shape == upright.shape and np.abs(crop.astype(int) - upright).max() <= 1


def test_a_face_turned_by_any_angle_keeps_its_size_and_middle():
    rgb = np.zeros((300, 300, 3), np.uint8)
    rgb[95:105, 80:220] = 255  # a line across, through (150, 100), which a turn of 30 degrees brings upright
    crop = crop_face(Frame(rgb), (100, 50, 200, 150), 1.5, 30)
    assert abs(len(crop) - 150) <= 1
    ys, xs = np.nonzero(crop[..., 0] > 127)
    slope = np.polyfit(xs, ys, 1)[0]
    assert slope == pytest.approx(-np.tan(np.radians(30)), abs=0.03)
    assert (ys.mean(), xs.mean()) == pytest.approx((len(crop) / 2 - 0.5,) * 2, abs=1)


def test_a_turned_face_at_the_edge_repeats_it_and_a_huge_one_is_shrunk():
    assert (crop_face(Frame(np.full((50, 50, 3), 9, np.uint8)), (30, 30, 50, 50), 2.0, 45) == 9).all()
    huge = crop_face(Frame(np.full((5000, 5000, 3), 7, np.uint8)), (0, 0, 5000, 5000), 1.0, 45)
    assert len(huge) <= MAX_CROP_SIDE and (huge == 7).all()
