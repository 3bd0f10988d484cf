import math

import numpy as np
import pytest

from core.classification.pose import roll

FRONTAL = ((40.0, 40.0), (60.0, 40.0), (50.0, 50.0), (42.0, 62.0), (58.0, 62.0))
PROFILE = ((62.0, 40.0), (62.0, 40.0), (72.0, 50.0), (61.0, 62.0), (61.0, 62.0))


def turned(landmarks, degrees):
    """Clockwise in the picture about (50, 50)."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return tuple(
        (50 + cos * (x - 50) - sin * (y - 50), 50 + sin * (x - 50) + cos * (y - 50)) for x, y in landmarks
    )


@pytest.mark.parametrize("degrees", [0, 20, 90, 135, 180, -45, -90, -179])
def test_roll_is_by_how_much_a_face_is_turned_in_the_picture(degrees):
    assert roll(turned(FRONTAL, degrees)) == pytest.approx(degrees)


def test_a_face_upside_down_has_180_and_never_minus_180():
    assert roll(tuple((100 - x, 100 - y) for x, y in FRONTAL)) == 180
    assert roll(tuple((100 - x, 0.0 - y) for x, y in FRONTAL)) == 180


@pytest.mark.parametrize("degrees", [0, 90, -120])
def test_in_profile_eyes_and_mouth_say_what_is_up(degrees):
    assert roll(turned(PROFILE, degrees)) == pytest.approx(degrees, abs=4)


def test_points_that_are_one_have_no_roll():
    assert math.isnan(roll(((5.0, 5.0),) * 5))


def test_points_off_by_a_tenth_of_the_eye_distance_move_roll_less_than_they_move_the_eye_line():
    noise = np.random.default_rng(1).normal(0, 2, (200, 5, 2))
    rolls = [roll(tuple(map(tuple, FRONTAL + off))) for off in noise]
    eye_lines = [math.degrees(math.atan2(off[1, 1] - off[0, 1], 20 + off[1, 0] - off[0, 0])) for off in noise]
    assert np.std(rolls) < 0.6 * np.std(eye_lines)
