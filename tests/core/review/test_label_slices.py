import math

import pytest

from core.metrics.intervals import wilson
from core.review.label_slices import by_dimension, worst_of_all, worst_of_labels, worst_words
from core.runs.catalog import SHIPPED_RUNS
from core.runs.evaluation import read_evaluation
from core.runs.evaluation_parts import LabelSlice

WAY = "how it is worn wrong"
COUNTS = (
    ("view", "frontal", "with_mask", 100, 99, 1),
    ("view", "unknown", "with_mask", 30, 3, 5),  # nobody knows what they have in common
    (WAY, "under the chin", "incorrect_mask", 63, 45, 7),
    (WAY, "elsewhere", "incorrect_mask", 19, 2, 0),  # too few
    (WAY, "nose out", "incorrect_mask", 20, 20, 0),
    ("size", "under 24 px", "with_mask", 0, 0, 0),
)


@pytest.fixture
def evaluation():
    fields = ("dimension", "value", "label", "n", "hits", "cannot_tell")
    slices = tuple(LabelSlice(**dict(zip(fields, row, strict=True))) for row in COUNTS)
    return read_evaluation(SHIPPED_RUNS / "mask3-v1").model_copy(update={"label_slices": slices})


def test_rates_have_wilsons_intervals_and_stand_in_the_records_order(evaluation):
    found = by_dimension(evaluation)
    assert list(found) == ["view", WAY]  # nobody is under 24 px
    chin = found[WAY][0]
    assert (chin.right.value, chin.right.n, chin.right.interval) == (45 / 63, 63, wilson(45, 63))
    assert chin.cannot_tell.value == 7 / 63
    assert [s.tells for s in found[WAY]] == [True, False, True]


def test_the_worst_is_said_plainly(evaluation):
    low, high = wilson(45, 63)
    said = f"Worst: Worn incorrectly, under the chin, 71.4% of 63 right ({low:.1%} to {high:.1%})"
    assert worst_of_all(evaluation) == said
    assert worst_words(by_dimension(evaluation)["view"]).startswith(
        "Worst: Mask on, view frontal, 99.0% of 100"
    )


def test_few_examples_tell_nothing(evaluation):
    few = by_dimension(evaluation)[WAY][1:2]
    assert worst_of_labels(few) is None and worst_words(few) == "Worst: too few examples"


def test_of_equals_the_one_of_more_faces_is_the_worst(evaluation):
    half = [("a", 20, 10), ("b", 40, 20), ("c", 30, 15)]
    slices = tuple(
        LabelSlice(dimension="view", value=v, label="with_mask", n=n, hits=hits, cannot_tell=0)
        for v, n, hits in half
    )
    (found,) = by_dimension(evaluation.model_copy(update={"label_slices": slices})).values()
    assert worst_of_labels(found).value == "b"


def test_records_from_before_have_none():
    old = read_evaluation(SHIPPED_RUNS / "mask3-v1")
    assert by_dimension(old) == {} and worst_of_all(old) is None and not math.isnan(old.accuracy)
