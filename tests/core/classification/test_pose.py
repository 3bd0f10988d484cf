import itertools
import math

import numpy as np
import pytest

from core.classification.pose import roll, turn_back, yaw, yaw_of_turn

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


def seen_from(degrees):
    """The five points of a head turned to its left, its nose .65 eye distances before its eyes."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    head = ((-10, 40, 0), (10, 40, 0), (0, 52, 13), (-8, 62, 2), (8, 62, 2))
    return tuple((50 + cos * x + sin * depth, y) for x, y, depth in head)


@pytest.mark.parametrize("tilted", [0, 90, -150])
@pytest.mark.parametrize("degrees", [-80, -30, 0, 15, 60, 85])
def test_yaw_is_by_how_much_a_head_is_turned_whatever_its_roll(degrees, tilted):
    assert yaw(turned(seen_from(degrees), tilted)) == pytest.approx(degrees)


def test_a_nose_that_moves_to_the_persons_left_is_a_yaw_that_grows_up_to_profile():
    yaws = [yaw((*FRONTAL[:2], (x, 50.0), *FRONTAL[3:])) for x in range(0, 101, 5)]
    assert all(a < b for a, b in itertools.pairwise(yaws)) and yaws[0] > -90 and yaws[-1] < 90
    assert yaw(PROFILE) == 90


def test_yaw_of_turn_is_that_of_a_nose_so_many_eye_distances_aside():
    assert yaw_of_turn(0.4) == pytest.approx(yaw((*FRONTAL[:2], (58.0, 50.0), *FRONTAL[3:])))


@pytest.mark.parametrize("degrees", [0, 24, -24])
def test_a_head_as_good_as_upright_is_not_turned_back(degrees):
    assert turn_back(turned(FRONTAL, degrees)) == 0


@pytest.mark.parametrize("degrees", [30, 90, 180, -135])
@pytest.mark.parametrize("yawed", [0, 60])
def test_others_are_turned_back_by_their_roll(degrees, yawed):
    assert turn_back(turned(seen_from(yawed), degrees)) == pytest.approx(degrees, abs=3)


def test_a_face_without_points_or_with_points_that_are_none_of_a_face_is_not():
    assert turn_back(None) == 0
    assert turn_back(((5.0, 5.0),) * 5) == 0
    right, left, nose, right_corner, left_corner = turned(FRONTAL, 180)
    assert turn_back((right, left, nose, left_corner, right_corner)) == 0, "a mouth the wrong way round"
    eyes_below = (*turned(FRONTAL, 90)[:2], (50.0, 50.0), (62.0, 42.0), (62.0, 58.0))
    assert turn_back(eyes_below) == 0, "eyes say 90 degrees, eyes and mouth -90"
