"""Cloth with a part of a photo on it lies where a drawn mask would, and shows that photo's colours."""

import numpy as np
import pytest

from core.mask_drawing import WEARINGS, MaskStyle, draw_mask
from core.samples import ASTRONAUT_LANDMARKS, sample_frame
from training.printed_cloth import PrintedCloth, prints

COVERED, NOSE_OUT, BELOW_MOUTH = WEARINGS
BARE = sample_frame("no_mask").rgb
NOSE, MOUTH = ASTRONAUT_LANDMARKS[2], np.mean(ASTRONAUT_LANDMARKS[3:], axis=0)
THETA, W = np.meshgrid(np.linspace(-1, 1, 24), np.linspace(0, 1, 24))


def flag() -> np.ndarray:
    """Green above, white below."""
    rgb = np.full((120, 120, 3), 255, np.uint8)
    rgb[:60] = 0, 200, 0
    return rgb


def at(picture: np.ndarray, point: tuple[float, float]) -> np.ndarray:
    x, y = (int(v) for v in point)
    return picture[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).astype(float).mean(axis=0)


@pytest.mark.parametrize(
    ("worn", "nose", "mouth"), [(COVERED, True, True), (NOSE_OUT, False, True), (BELOW_MOUTH, False, False)]
)
def test_the_print_covers_what_the_wearing_says(worn, nose, mouth):
    green = np.zeros((120, 120, 3), np.uint8)
    green[..., 1] = 200
    cloth = next(c for c in prints(green[None], 20, 0) if c(THETA, W)[12, 12].argmax() == 1)
    drawn = draw_mask(BARE, ASTRONAUT_LANDMARKS, worn, MaskStyle(), cloth=cloth)
    for point, covered in ((NOSE, nose), (MOUTH, mouth)):
        red, shown, blue = at(drawn, point)
        assert (shown > 2 * max(red, blue)) == covered


def test_it_shows_parts_of_the_photo_turned_and_in_other_colours():
    shown = [cloth(THETA, W) for cloth in prints(flag()[None], 80, 1)]
    assert all(one.shape == (24, 24, 3) and one.dtype == np.float32 for one in shown)
    hues = {int(one.reshape(-1, 3).std(axis=1).argmax()) for one in shown}
    assert len(hues) > 20  # the border between the colours lies anywhere
    two = [one for one in shown if one.min(axis=2).max() > 100 and one.min(axis=2).min() < 20]
    assert 20 < len(two) < 80  # many show both colours, not all
    strongest = {int(one.reshape(-1, 3)[one.min(axis=2).argmin()].argmax()) for one in two}
    assert strongest == {0, 1, 2}


def test_the_same_seed_makes_the_same_prints_and_another_others():
    photos = np.random.default_rng(0).integers(0, 256, (3, 80, 80, 3)).astype(np.uint8)
    one, again, other = ([c(THETA, W) for c in prints(photos, 5, seed)] for seed in (4, 4, 5))
    assert all((a == b).all() for a, b in zip(one, again, strict=True))
    assert any((a != b).any() for a, b in zip(one, other, strict=True))


def test_the_middle_of_the_cloth_shows_the_place_of_the_photo_that_was_drawn_by_lot():
    rgb = np.zeros((100, 100, 3), np.uint8)
    rgb[..., 0], rgb[..., 1] = np.arange(100), np.arange(100)[:, None]
    cloth = PrintedCloth(rgb, np.random.default_rng(3))
    cloth._rgb = rgb  # in its own colours
    middle = cloth(np.zeros((1, 1)), np.full((1, 1), 0.5))[0, 0] / cloth._bright
    assert np.allclose(middle[:2], cloth._centre, atol=0.6)
