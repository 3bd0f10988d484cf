import math

import pytest

from core.metrics.intervals import mean_recall_interval, wilson
from core.review.cross_source import label_names, mean_of, pairs
from core.runs.catalog import SHIPPED_RUNS
from core.runs.cross_source import CrossCell, CrossSource, read_cross_source

COUNTS = {
    ("a", "a", "x"): (9, 10),
    ("a", "a", "y"): (5, 10),
    ("a", "b", "x"): (3, 4),
    ("a", "b", "y"): (0, 0),
}


def cell(trained_on: str, tested_on: str, label: str, hits: int, n: int) -> CrossCell:
    return CrossCell(
        trained_on=trained_on,
        tested_on=tested_on,
        label=label,
        n=n,
        hits=hits,
        recall=hits / n if n else math.nan,
        interval=wilson(hits, n),
    )


TABLE = CrossSource(
    schema=1, id="t", recipe="r", cells=tuple(cell(*where, *counts) for where, counts in COUNTS.items())
)


def test_the_mean_counts_each_label_alike_and_leaves_out_those_without_faces():
    own, other = pairs(TABLE)
    assert (own.recall, own.n, own.own) == (pytest.approx(0.7), 20, True)
    assert own.interval == mean_recall_interval([(9, 10), (5, 10)])
    assert (other.recall, other.n, other.own) == (0.75, 4, False)
    assert other.interval == wilson(3, 4)


def test_of_one_label_it_is_what_is_stored():
    own, other = pairs(TABLE, "y")
    assert (own.recall, own.interval, own.n) == (0.5, wilson(5, 10), 10)
    assert not other.known and other.n == 0 and math.isnan(other.interval[0])
    assert label_names(TABLE) == ("x", "y")


def test_a_pair_without_faces_is_in_no_mean():
    assert mean_of(pairs(TABLE, "y")) == 0.5
    assert mean_of(pairs(TABLE)) == pytest.approx((0.7 + 0.75) / 2)
    assert math.isnan(mean_of([]))


def test_the_shipped_table_is_that_of_the_readme():
    """Which is made from the same record by other code."""
    found = {
        (p.trained_on, p.tested_on): p for p in pairs(read_cross_source(SHIPPED_RUNS / "cross_source-v1"))
    }
    worst = found["kary_part2", "andrewmvd"]
    assert f"{worst.recall:.1%} of {worst.n:,}" == "79.2% of 1,067"
    assert worst.interval[0] < worst.recall < worst.interval[1]
    assert sum(pair.own for pair in found.values()) == 4 and len(found) == 16
