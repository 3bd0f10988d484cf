"""Time stamps of any kind make a clock that goes forward."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.video.films.clock import LEAP, Clock


def times(stamps, nominal=0.04, zero=None):
    clock = Clock(zero, nominal)
    return [round(clock.at(stamp), 6) for stamp in stamps], clock


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        ([0.0, 0.04, 0.08], [0.0, 0.04, 0.08]),
        ([-3.0, -2.96, -2.9], [0.0, 0.04, 0.1]),  # negative: the first one is the beginning
        ([5.0, 5.5, 9.0], [0.0, 0.5, 4.0]),  # variable
        ([0.0, 0.04, 0.04, 0.08], [0.0, 0.04, 0.041, 0.08]),  # repeated, and nothing later moves
        ([0.0, 0.08, 0.04, 0.12], [0.0, 0.08, 0.081, 0.12]),  # a little back
        ([0.0, 10.0, 0.0, 0.04], [0.0, 10.0, 10.04, 10.08]),  # another recording, joined to the first
        ([0.0, 0.04, 7200.0, 7200.04], [0.0, 0.04, 0.08, 0.12]),  # a gap of two hours
        ([0.0, 60.0], [0.0, 60.0]),  # a slide that is shown for a minute
        ([None, None, 0.5], [0.0, 0.04, 0.041]),  # nothing said
        ([0.0, math.nan, math.inf, 0.2], [0.0, 0.04, 0.08, 0.2]),
    ],
)
def test_time_goes_forward(stamps, expected):
    assert times(stamps)[0] == expected


def test_what_is_left_out_is_told():
    assert times([0.0, 1.0, 1.0 + 2 * LEAP])[1].leaps == [(1.0, 2 * LEAP)]
    assert times([0.0, 1.0, 1.5])[1].leaps == []


@given(st.lists(st.none() | st.floats(), max_size=30))
def test_it_never_stands_still(stamps):
    found, _ = times(stamps)
    assert all(a < b for a, b in itertools.pairwise(found))
    assert all(math.isfinite(t) and t >= 0 for t in found)
