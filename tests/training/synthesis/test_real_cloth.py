"""Cloth of a mask in a photo lies on another face as a drawn mask would, in that face's light."""

import numpy as np
import pytest

from core.mask_rendering import (
    ASTRONAUT_LANDMARKS,
    BELOW_MOUTH,
    COVERED,
    HANGING,
    LABEL_OF,
    NOSE_OUT,
    UNDER_CHIN,
    MaskStyle,
    draw_mask,
    sample_frame,
)
from training.synthesis.real_cloth import RealCloth, cloths
from training.synthesis.synthetic import add_masks

RED, BLUE = (190, 40, 40), (40, 60, 190)
BARE = sample_frame("no_mask").rgb
LEFT, TOP = 140, 40
CLOSE = np.stack([BARE[TOP : TOP + 190, LEFT : LEFT + 170]] * 12)
CLOSE_POINTS = [tuple((x - LEFT, y - TOP) for x, y in ASTRONAUT_LANDMARKS)] * 12
NOSE, MOUTH = ASTRONAUT_LANDMARKS[2], np.mean(ASTRONAUT_LANDMARKS[3:], axis=0)


def wearing(colour):
    return draw_mask(
        BARE, ASTRONAUT_LANDMARKS, COVERED, MaskStyle(shape="sponge", colour=colour, trim=colour)
    )


def at(picture, point):
    x, y = (int(v) for v in point)
    return picture[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).mean(axis=0)


@pytest.mark.parametrize(
    ("worn", "nose", "mouth"), [(COVERED, True, True), (NOSE_OUT, False, True), (BELOW_MOUTH, False, False)]
)
@pytest.mark.parametrize("colour", [RED, BLUE])
def test_the_cloth_of_the_photo_covers_what_the_wearing_says(worn, nose, mouth, colour):
    cloth = RealCloth(wearing(colour), ASTRONAUT_LANDMARKS)
    drawn = draw_mask(BARE, ASTRONAUT_LANDMARKS, worn, MaskStyle(colour=(20, 110, 60)), cloth=cloth)
    main = int(np.argmax(colour))
    for point, covered in ((NOSE, nose), (MOUTH, mouth)):
        shown = at(drawn, point)
        if covered:
            assert shown.argmax() == main and shown.max() > 2 * shown.min()
        else:
            assert np.abs(shown - at(BARE, point)).max() < 12


def test_the_cloth_comes_into_the_light_of_the_face():
    dim = (BARE * 0.5).astype(np.uint8)
    cloth = RealCloth(wearing(BLUE), ASTRONAUT_LANDMARKS)
    bright, dark = (
        at(draw_mask(rgb, ASTRONAUT_LANDMARKS, COVERED, MaskStyle(), cloth=cloth), MOUTH)
        for rgb in (BARE, dim)
    )
    assert dark.mean() == pytest.approx(bright.mean() / 2, rel=0.15)


def test_a_mask_that_hangs_from_an_ear_is_drawn_all_the_same():
    cloth = RealCloth(wearing(RED), ASTRONAUT_LANDMARKS)
    ours, drawn = (draw_mask(BARE, ASTRONAUT_LANDMARKS, HANGING, MaskStyle(), cloth=c) for c in (cloth, None))
    assert (ours == drawn).all()


def test_faces_that_do_not_show_a_whole_mask_give_no_cloth():
    turned = tuple((x + 40 * (i == 2), y) for i, (x, y) in enumerate(ASTRONAUT_LANDMARKS))
    flat = ((10.0, 10.0),) * 5
    crops = np.stack([wearing(RED)] * 4)
    assert len(cloths(crops, [ASTRONAUT_LANDMARKS, None, turned, flat])) == 1


def test_some_of_the_drawn_masks_are_of_real_cloth():
    red = cloths(wearing(RED)[None], [ASTRONAUT_LANDMARKS])
    pictures, worn, faces = add_masks(CLOSE, CLOSE_POINTS, 0, (COVERED, NOSE_OUT), red)
    mouths = [at(picture, MOUTH - (LEFT, TOP)) for picture in pictures]
    of_red = sum(mouth[0] > 2 * mouth[1:].max() for mouth in mouths)
    assert 3 < of_red < 16 and worn == [COVERED, NOSE_OUT] * 12 and faces == [i // 2 for i in range(24)]


def test_a_wearing_may_be_drawn_by_lot():
    some = {BELOW_MOUTH: 2.0, UNDER_CHIN: 1.0, HANGING: 1.0}
    _, worn, _ = add_masks(CLOSE, CLOSE_POINTS, 0, (some,))
    assert set(worn) == set(some) and {LABEL_OF[w] for w in some} == {"incorrect_mask"}
