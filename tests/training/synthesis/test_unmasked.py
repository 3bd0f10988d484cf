"""Skin of a photo lies on a masked face of another down to the edge of the mask, no further."""

import cv2
import numpy as np
import pytest

from core.mask_rendering import LABEL_OF, MaskStyle, draw_mask
from core.mask_rendering.samples import ASTRONAUT_LANDMARKS, sample_frame
from training.synthesis.labels import LABELS
from training.synthesis.unmasked import (
    BELOW_MOUTH,
    COVERED,
    NO_MASK,
    NOSE_OUT,
    portraits,
    unmask,
    unmask_faces,
)

LEFT, TOP, SIDE = 130, 20, 190
BARE = sample_frame("no_mask").rgb[TOP : TOP + SIDE, LEFT : LEFT + SIDE]
POINTS = tuple((x - LEFT, y - TOP) for x, y in ASTRONAUT_LANDMARKS)
BLUE = MaskStyle(shape="sponge", colour=(20, 40, 200), trim=(20, 40, 200))
MASKED = draw_mask(BARE, POINTS, COVERED, BLUE)
NOSE, MOUTH, EYES = np.array(POINTS[2]), np.mean(POINTS[3:], axis=0), np.mean(POINTS[:2], axis=0)
CHIN = EYES + 1.45 * (MOUTH - EYES)
BRIDGE = EYES + 0.25 * (MOUTH - EYES)


def one(rgb, points=POINTS):
    return portraits(rgb[None], [points])[0]


def is_blue(picture, point):
    x, y = (int(v) for v in point)
    r, g, b = picture[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).mean(axis=0)
    return b > 2 * max(r, g)


@pytest.mark.parametrize(
    ("wearing", "nose", "mouth"),
    [(COVERED, True, True), (NOSE_OUT, False, True), (BELOW_MOUTH, False, False)],
)
@pytest.mark.parametrize("seed", range(5))
def test_the_mask_is_left_where_the_wearing_says(wearing, nose, mouth, seed):
    shown = unmask(one(MASKED), one(BARE), wearing, np.random.default_rng(seed))
    assert [is_blue(shown, point) for point in (NOSE, MOUTH, CHIN)] == [nose, mouth, True]
    assert all(is_blue(MASKED, point) for point in (NOSE, MOUTH, CHIN))


def test_eyes_and_all_that_is_outside_the_face_stay_as_they_are():
    shown = unmask(one(MASKED), one(255 - BARE), BELOW_MOUTH, np.random.default_rng(0))
    changed = (shown != MASKED).any(axis=2)
    assert changed.any()
    assert not changed[: int(EYES[1])].any()
    assert not changed[:, :20].any() and not changed[:, -20:].any()


def test_skin_comes_into_the_light_of_the_photo():
    dim = (BARE * 0.5).astype(np.uint8)
    x, y = NOSE.astype(int)
    for skin, light in ((dim, BARE), (BARE, dim)):
        masked = draw_mask(light, POINTS, COVERED, BLUE)
        shown = unmask(one(masked), one(skin), BELOW_MOUTH, np.random.default_rng(0))
        around = (slice(y - 3, y + 4), slice(x - 3, x + 4))
        assert shown[around].mean() == pytest.approx(light[around].mean(), rel=0.2)


def test_skin_is_blurred_as_the_photo_is():
    soft = cv2.GaussianBlur(MASKED, (0, 0), 3)
    sharp, soft = (
        unmask(one(rgb), one(BARE), BELOW_MOUTH, np.random.default_rng(0)) for rgb in (MASKED, soft)
    )
    x, y = NOSE.astype(int)
    around = (slice(y - 12, y + 12), slice(x - 12, x + 12))
    assert np.abs(np.diff(soft[around].astype(float), axis=1)).mean() < 0.8 * (
        np.abs(np.diff(sharp[around].astype(float), axis=1)).mean()
    )


def test_between_bare_faces_no_mask_appears():
    shown = unmask(one(BARE), one((BARE * 0.7).astype(np.uint8)), NO_MASK, np.random.default_rng(0))
    # The same face in the same light again, so nothing but rounding and resampling is left to see
    assert np.abs(shown.astype(int) - BARE).mean() < 2


def test_a_picture_that_ends_at_the_chin_shows_no_mask_below_the_mouth():
    cut = np.ascontiguousarray(MASKED[: int(CHIN[1])])
    assert unmask(one(cut), one(BARE), BELOW_MOUTH, np.random.default_rng(0)) is None
    assert unmask(one(cut), one(BARE), NOSE_OUT, np.random.default_rng(0)) is not None


def test_faces_without_points_without_a_head_and_turned_too_far_are_left_out():
    turned = tuple((x + 60 * (i == 2), y) for i, (x, y) in enumerate(POINTS))
    same_point = ((80.0, 80.0),) * 5
    assert len(portraits(np.stack([BARE] * 4), [POINTS, None, turned, same_point])) == 1


def test_every_wearing_comes_with_its_label_and_bare_faces_stay_bare():
    masked = portraits(np.stack([MASKED] * 6), [POINTS] * 6)
    bare = portraits(np.stack([BARE, BARE // 3 * 2]), [POINTS] * 2)
    pictures, wearings = unmask_faces(masked, bare, seed=0)
    assert pictures.shape == (len(wearings), SIDE, SIDE, 3) and pictures.dtype == np.uint8
    assert wearings.count(COVERED) == 6 and wearings.count(NO_MASK) <= 2
    assert wearings.count(NOSE_OUT) + wearings.count(BELOW_MOUTH) == 12 and BELOW_MOUTH in wearings
    assert all(
        is_blue(picture, CHIN) == (worn != NO_MASK) for picture, worn in zip(pictures, wearings, strict=True)
    )
    assert {LABELS[w] for w in wearings} <= {*LABEL_OF.values(), "without_mask"}


def test_the_same_seed_lays_the_same_bare_and_another_seed_other_faces():
    masked, bare = [one(MASKED)] * 2, portraits(np.stack([BARE, BARE // 3 * 2]), [POINTS] * 2)
    first, again, other = (unmask_faces(masked, bare, seed)[0] for seed in (1, 1, 2))
    assert (first == again).all()
    assert first.shape != other.shape or (first != other).any()


@pytest.mark.parametrize("empty", ["masked", "bare"])
def test_without_masks_or_without_skin_there_is_nothing_to_draw(empty):
    some = {"masked": [one(MASKED)], "bare": [one(BARE)]} | {empty: []}
    pictures, wearings = unmask_faces(some["masked"], some["bare"], seed=0)
    assert not len(pictures) and wearings == []


def test_nothing_of_the_callers_pictures_changes():
    masked, bare = MASKED.copy(), BARE.copy()
    unmask_faces([one(masked)], [one(bare)], seed=3)
    assert (masked == MASKED).all() and (bare == BARE).all()
