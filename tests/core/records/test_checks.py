"""Counts of a record that cannot be."""

from __future__ import annotations

import pytest

from core.records import require_at_most, require_known


def test_a_part_may_be_all_and_no_more():
    require_at_most("hits", 3, 3)
    with pytest.raises(ValueError, match="hits says 4, but there are only 3"):
        require_at_most("hits", 4, 3)


@pytest.mark.parametrize("names", [["a", "a"], ["c"], ["a", "c"]])
def test_names_are_known_and_each_is_there_once(names):
    require_known("labels", ["b", "a"], ["a", "b"])
    require_known("labels", [], [])
    with pytest.raises(ValueError, match="labels names something twice, or that the record does not know"):
        require_known("labels", names, ["a", "b"])


def test_names_may_come_one_at_a_time():
    with pytest.raises(ValueError, match="twice"):
        require_known("labels", (name for name in "aa"), "ab")
