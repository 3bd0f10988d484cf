"""The gate's counts, of faces of which each is turned away for another reason, or not at all."""

import math

import numpy as np
import pytest

from core.models.card import QualityThresholds, Threshold
from core.runs.evaluation_parts import Gated
from training.evaluation.quality_gate import gate_outcomes

THRESHOLDS = QualityThresholds(
    **{
        name: Threshold(value=value, reason="a test")
        for name, value in {
            "min_face_px": 20,
            "min_sharpness": 0.1,
            "min_brightness": 50,
            "max_yaw": 40,
            "min_visible": 0.9,
            "min_margin": 0.25,
        }.items()
    }
)
GOOD = {"sharpness": 0.3, "brightness": 120.0}
#        side, pixels, lead, right
FACES = [
    (60, GOOD, 0.9, True),
    (60, GOOD, 0.1, False),  # no lead
    (48, GOOD | {"sharpness": 0.01}, 0.9, False),  # blurred
    (100, GOOD | {"brightness": 10.0}, 0.9, True),  # dark, though right
    (30, GOOD, 0.9, False),  # passes, though wrong
    (10, GOOD, 0.9, True),  # too small
    (math.nan, GOOD, 0.25, True),  # of a size that nobody knows
]


def test_each_reason_turns_away_and_sizes_are_counted_apart():
    sides, pixels, leads, rights = zip(*FACES, strict=True)
    every, large = gate_outcomes(sides, pixels, np.array(leads), np.array(rights), THRESHOLDS)
    assert every == Gated(face_px=0, n=7, hits=4, answered=3, answered_hits=2)
    assert large == Gated(face_px=48, n=4, hits=2, answered=1, answered_hits=1)


def test_no_faces_are_no_examples():
    assert {g.n for g in gate_outcomes([], [], np.array([]), np.array([], bool), THRESHOLDS)} == {0}


@pytest.mark.parametrize(("answered", "hits"), [(6, 2), (3, 4), (4, 3)])
def test_counts_that_do_not_fit_are_refused(answered, hits):
    with pytest.raises(ValueError, match="there are only"):
        Gated(face_px=0, n=5, hits=2, answered=answered, answered_hits=hits)
