"""The typology angle of known colours, the limits of its names, and drawn faces of one colour."""

import math
from itertools import pairwise

import numpy as np
import pytest
from skimage.color import rgb2lab

from training.evaluation.skin_tone import TONES, ita, lab, skin_tone, tone

SIDE = 160
# Right eye, left eye, nose, mouth corners: 44 pixels between the eyes, 44 down to the mouth
POINTS = ((58.0, 70.0), (102.0, 70.0), (80.0, 92.0), (64.0, 114.0), (96.0, 114.0))
LIGHT, BROWN = (224, 172, 138), (141, 85, 56)


def face(colour) -> np.ndarray:
    return np.full((SIDE, SIDE, 3), colour, np.uint8)


def expected(colour) -> float:
    lightness, _, yellow = rgb2lab(face(colour)[:1, :1] / 255)[0, 0]
    return math.degrees(math.atan((lightness - 50) / yellow))


@pytest.mark.parametrize(
    ("lightness", "yellow", "angle"),
    [(65, 15, 45), (35, 15, -45), (50, 12, 0), (60, 10 * math.sqrt(3), 30), (70, 1e-9, 90)],
)
def test_the_angle_is_that_of_the_literature(lightness, yellow, angle):
    assert ita(lightness, yellow) == pytest.approx(angle)


@pytest.mark.parametrize("yellow", [0, -5, math.nan])
def test_without_yellow_there_is_no_angle(yellow):
    assert math.isnan(ita(60, yellow))


def test_names_have_the_limits_of_chardon_and_del_bino():
    limits = {"very light": 55, "light": 41, "intermediate": 28, "tan": 10, "brown": -30}
    assert [name for name, _ in TONES] == [*limits, "dark"]
    for name, limit in limits.items():
        darker = next(found for (before, _), (found, _) in pairwise(TONES) if before == name)
        assert (tone(limit + 0.01), tone(limit)) == (name, darker)
    assert tone(-90) == "dark" and tone(90) == "very light" and tone(math.nan) is None


def test_lab_is_that_of_daylight():
    colours = np.array([[[255, 255, 255], [255, 0, 0], [0, 0, 0], LIGHT]], np.uint8)
    assert lab(colours)[0, 0] == pytest.approx([100, 0, 0], abs=0.1)
    assert lab(colours)[0, 1] == pytest.approx([53.24, 80.09, 67.20], abs=0.1)
    assert lab(colours) == pytest.approx(rgb2lab(colours / 255), abs=0.2)  # OpenCV reads tables


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("colour", [LIGHT, BROWN])
def test_a_face_of_one_colour_has_that_colours_angle(colour, masked):
    assert skin_tone(face(colour), POINTS, 100, masked=masked) == pytest.approx(expected(colour), abs=0.5)
    assert (tone(expected(LIGHT)), tone(expected(BROWN))) == ("light", "brown")


def test_a_face_turned_in_the_picture_is_measured_too():
    middle = SIDE / 2
    turned = tuple((middle - (y - middle), middle + (x - middle)) for x, y in POINTS)  # by a right angle
    rgb = face((0, 0, 0))
    rgb[20:140, 40:140] = LIGHT
    assert skin_tone(rgb, turned, 100, masked=False) == pytest.approx(expected(LIGHT), abs=0.5)


def test_a_mask_over_the_cheeks_is_not_skin():
    rgb = face(LIGHT)
    rgb[85:] = BROWN  # cloth of the colour of skin
    assert skin_tone(rgb, POINTS, 100, masked=True) == pytest.approx(expected(LIGHT), abs=0.5)


def test_hair_over_the_brow_is_not_skin():
    rgb = face(LIGHT)
    rgb[:64] = (70, 45, 30)
    assert math.isnan(skin_tone(rgb, POINTS, 100, masked=True))  # nothing else to look at
    assert skin_tone(rgb, POINTS, 100, masked=False) == pytest.approx(expected(LIGHT), abs=0.5)  # its cheeks


@pytest.mark.parametrize(
    "rgb",
    [face((128, 128, 128)), face((25, 15, 10)), face((255, 244, 230)), face((90, 110, 200))],
    ids=["grey", "unlit", "overexposed", "blue light"],
)
def test_where_it_cannot_be_measured_it_is_not_made_up(rgb):
    assert math.isnan(skin_tone(rgb, POINTS, 100, masked=False))


def test_too_few_pixels_and_profiles_are_not_measured():
    rgb = face(LIGHT)
    assert math.isnan(skin_tone(rgb, POINTS, 31, masked=False))
    assert not math.isnan(skin_tone(rgb, POINTS, math.nan, masked=False))  # nobody said that it is small
    small = tuple((80 + (x - 80) / 4, 80 + (y - 80) / 4) for x, y in POINTS)
    assert math.isnan(skin_tone(rgb, small, 100, masked=False))
    side_on = tuple((80 + (x - 80) / 2, y) for x, y in POINTS)
    assert math.isnan(skin_tone(rgb, side_on, 100, masked=False))
    outside = tuple((x, y - 75) for x, y in POINTS)
    assert math.isnan(skin_tone(rgb, outside, 100, masked=True))
