"""The head's surface and its projection are each other's inverse, whichever way the head is turned."""

import math

import numpy as np
import pytest

from core.mask_rendering.head import head_from_landmarks


def landmarks(nose=0.0, roll=0.0):
    points = np.array([(-0.5, 0), (0.5, 0), (nose, 0.62), (-0.4, 1.1), (0.4, 1.1)]) * 60
    turn = np.array([[math.cos(roll), math.sin(roll)], [-math.sin(roll), math.cos(roll)]])
    return tuple(map(tuple, points @ turn + 200))


def test_a_frontal_face_has_no_yaw_and_the_nose_turns_it():
    assert head_from_landmarks(landmarks()).yaw == 0
    assert head_from_landmarks(landmarks(nose=0.2)).yaw > 0.3
    assert head_from_landmarks(landmarks(nose=-0.2)).yaw < -0.3
    assert abs(head_from_landmarks(landmarks(nose=3)).yaw) <= math.radians(52)


@pytest.mark.parametrize("nose", [-0.2, 0.0, 0.3])
@pytest.mark.parametrize("roll", [0.0, 0.6, 2.5])
def test_what_is_projected_is_found_there_again(nose, roll):
    head = head_from_landmarks(landmarks(nose, roll))
    theta, v = np.array([-0.4, 0.0, 0.5]), np.array([0.3, 1.0, 1.5])
    pixels, seen = head.project(theta, v)
    assert seen.all()
    for (x, y), expected_theta, expected_v in zip(pixels, theta, v, strict=True):
        on = head.surface(np.array([x]), np.array([y]))
        assert on.v[0, 0] == pytest.approx(expected_v, abs=1e-3)
        assert on.theta[0, 0] == pytest.approx(expected_theta, abs=0.03)


def test_only_the_near_ear_of_a_turned_head_is_seen():
    head = head_from_landmarks(landmarks(nose=0.25))
    ears = np.radians([-93, 93])
    assert head.project(ears, np.array([0.3, 0.3]))[1].tolist() == [True, False]


def test_what_the_head_hides_is_shown_by_its_other_side():
    head = head_from_landmarks(landmarks(nose=0.25))
    ears, v = np.radians([-93, 93]), np.array([0.3, 0.3])
    near = head.project(ears, v)[0][0]
    assert head.project_seen(ears, v) == pytest.approx(np.stack([near, near]))
    frontal = head_from_landmarks(landmarks())
    cheeks = np.array([-0.5, 0.5])
    assert (frontal.project_seen(cheeks, v) == frontal.project(cheeks, v)[0]).all()


def test_a_picture_ends_lower_on_the_face_the_higher_it_is():
    head = head_from_landmarks(landmarks())
    (_, mouth), (_, lower) = head.to_pixels(np.zeros(2), np.array([1.0, 1.5]))
    assert [head.lowest_v(height) for height in (mouth, lower)] == pytest.approx([1.0, 1.5])
    assert head_from_landmarks(landmarks(roll=math.pi)).lowest_v(400) == math.inf
