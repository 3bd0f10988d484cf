"""What looks like a mask is drawn where people have it, and covers no more than that."""

import numpy as np
import pytest

from core.mask_rendering.lookalikes import LOOKALIKES, draw_lookalike
from core.mask_rendering.samples import ASTRONAUT_LANDMARKS, sample_frame

BARE = sample_frame("no_mask").rgb
EYES, NOSE = ASTRONAUT_LANDMARKS[:2], ASTRONAUT_LANDMARKS[2]
MOUTH = tuple(np.mean(ASTRONAUT_LANDMARKS[3:], axis=0))


def drawings(kind, seeds=12):
    for seed in range(seeds):
        yield draw_lookalike(BARE, ASTRONAUT_LANDMARKS, kind, np.random.default_rng(seed))


def change(drawn, point):
    x, y = (int(v) for v in point)
    area = slice(y - 2, y + 3), slice(x - 2, x + 3)
    return np.abs(drawn[area].astype(int) - BARE[area]).mean()


@pytest.mark.parametrize("kind", LOOKALIKES)
def test_each_shows_and_leaves_the_eyes_free(kind):
    for drawn in drawings(kind):
        assert drawn.shape == BARE.shape and drawn.dtype == np.uint8
        assert (np.abs(drawn.astype(int) - BARE).max(axis=2) > 20).sum() > 40
        assert max(change(drawn, eye) for eye in EYES) < 3


@pytest.mark.parametrize("kind", ["turtleneck", "scarf", "necklace", "beard"])
def test_what_is_at_the_neck_or_the_cheek_leaves_nose_and_lips_free(kind):
    for drawn in drawings(kind):
        assert change(drawn, NOSE) < 3 and change(drawn, MOUTH) < 3


def test_a_scarf_over_the_nose_covers_nose_and_mouth():
    for drawn in drawings("scarf_over_nose"):
        assert change(drawn, NOSE) > 10 and change(drawn, MOUTH) > 10


@pytest.mark.parametrize("kind", ["hand_at_mouth", "hand_over_nose"])
def test_hands_have_the_colour_of_the_face(kind):
    skin = np.median([BARE[115:125, 205:215].reshape(-1, 3)], axis=1)[0]
    covered = [drawn[np.abs(drawn.astype(int) - BARE).max(axis=2) > 30] for drawn in drawings(kind)]
    shown = np.median(np.concatenate(covered), axis=0)
    assert np.abs(shown / shown.sum() - skin / skin.sum()).max() < 0.06
    assert 0.5 < shown.sum() / skin.sum() < 1.3


def test_the_drawing_is_a_copy_that_repeats_and_wrong_kinds_are_refused():
    once, again = (draw_lookalike(BARE, ASTRONAUT_LANDMARKS, "beard") for _ in range(2))
    assert (once == again).all() and (sample_frame("no_mask").rgb == BARE).all()
    with pytest.raises(ValueError, match="kind"):
        draw_lookalike(BARE, ASTRONAUT_LANDMARKS, "hat")
    with pytest.raises(ValueError, match="landmarks"):
        draw_lookalike(BARE, ((9.0, 9.0),) * 5, "beard")
