import numpy as np
import pytest

from core.classification import roll
from training.landmarks.measure import TURNS, in_words, measure_landmarks
from training.landmarks.samples import sample, taught_face

SIZE, SCALE = 32, 1.3
BOX = (60.0, 40.0, 140.0, 150.0)


def face(source, nose=0.0):
    """One whose nose points aside by so many pixels, in a picture of its own."""
    points = ((80.0, 80.0), (120.0, 80.0), (100.0 + nose, 100.0), (85.0, 125.0), (115.0, 125.0))
    rgb = np.random.default_rng(int(nose) + 100).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    return taught_face(rgb, BOX, points, source, "g")


FACES = [face("b", nose) for nose in (-20, -5, 10, 25)] + [face("a")]


def answering(change=lambda points, degrees: points):
    """What knows each crop and its points, and answers them as `change` makes them."""
    known = {}
    for one in FACES:
        for degrees in TURNS:
            crop, points = sample(one, degrees, SIZE, SCALE)
            known[crop.astype(np.float32).tobytes()] = change(points, degrees).ravel()
    return lambda crops: np.stack([known[crop.tobytes()] for crop in crops])


def turned(points, degrees):
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return points @ np.array([[cos, sin], [-sin, cos]])


def test_points_as_taught_are_off_by_nothing():
    a, b = measure_landmarks(answering(), FACES, SIZE, SCALE)
    assert (a.source, a.n, b.source, b.n) == ("a", 1, "b", 4)
    assert (b.roll_error, b.roll_error_of_nine_in_ten) == pytest.approx((0, 0), abs=1e-6)
    assert b.yaw_correlation == pytest.approx(1)


def test_points_that_are_turned_are_off_by_that_across_180_too():
    _, b = measure_landmarks(answering(lambda points, _: turned(points, 12)), FACES, SIZE, SCALE)
    assert b.roll_error == pytest.approx(12) and b.roll_error_of_nine_in_ten == pytest.approx(12)


def test_points_that_stay_upright_are_off_by_what_heads_are_turned_by():
    _, b = measure_landmarks(answering(lambda points, degrees: turned(points, -degrees)), FACES, SIZE, SCALE)
    assert b.roll_error == pytest.approx(np.median(np.abs(TURNS)))
    assert b.roll_error_of_nine_in_ten == pytest.approx(np.percentile(np.abs(np.tile(TURNS, 4)), 90))
    assert roll(turned(np.array(sample(FACES[0], 90, SIZE, SCALE)[1]), -90)) == pytest.approx(0, abs=1e-6)


def test_a_correlation_of_one_yaw_is_said_to_be_unknown():
    a, _ = measure_landmarks(answering(), FACES, SIZE, SCALE)
    assert np.isnan(a.yaw_correlation) and in_words(a).endswith("correlation of yaw unknown")
