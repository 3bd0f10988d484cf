import math

import pytest

from core.metrics.intervals import wilson
from core.review.slices import worst, worst_first
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import read_evaluation
from core.runs.evaluation_parts import Slice


@pytest.fixture
def evaluation():
    return read_evaluation(SHIPPED_RUNS / "mask3-v1").model_copy(
        update={
            "subgroups": {"source": {"good": (95, 100), "bad": (50, 100), "few": (0, 9)}},
            "face_px_slices": (
                Slice(low=0, high=16, n=0, hits=0),
                Slice(low=16, high=32.5, n=10, hits=6),
                Slice(low=96, high=math.inf, n=50, hits=30),
            ),
            "sharpness_slices": (Slice(low=0, high=0.05, n=40, hits=40),),
            "brightness_slices": (),
        }
    )


def test_worst_first_then_too_few_then_none(evaluation):
    found = worst_first(evaluation)
    assert [(s.quantity, s.value) for s in found] == [
        ("source", "bad"),
        ("face height", "from 96 px"),  # as bad as the next, of more faces
        ("face height", "16 to 32.5 px"),
        ("source", "good"),
        ("sharpness", "under 0.05"),
        ("source", "few"),
        ("face height", "under 16 px"),
    ]
    assert [s.tells for s in found] == [True] * 5 + [False] * 2
    assert found[0].accuracy.interval == wilson(50, 100)
    assert math.isnan(found[-1].accuracy.value)
    assert worst(found) == found[0] and worst(found[5:]) is None


def test_the_shipped_slices_are_all_there():
    evaluation = read_evaluation(SHIPPED_RUNS / "mask3-v1")
    found = worst_first(evaluation)
    assert len(found) == 4 + 3 + 1 + 7 + 6 + 6
    assert (found[0].quantity, found[0].value) == ("source", "kary_part1")
    assert (found[0].accuracy.value, found[0].accuracy.n) == (281 / 353, 353)
