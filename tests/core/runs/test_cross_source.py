"""The table of sources trained and tested on: means by hand, kept on disk as it is, nonsense refused."""

import math

import pytest
from pydantic import ValidationError

from core.errors import RecordError
from core.runs.cross_source import (
    CROSS_SOURCE_FILE,
    MAX_CROSSED,
    CrossCell,
    CrossSource,
    read_cross_source,
    write_cross_source,
)


def cell(trained_on: str, tested_on: str, label: str, hits: int, n: int) -> CrossCell:
    recall = min(1, hits / n) if n else math.nan
    return CrossCell(
        trained_on=trained_on,
        tested_on=tested_on,
        label=label,
        n=n,
        hits=hits,
        recall=recall,
        interval=(0, 1),
    )


def table(*cells: CrossCell) -> CrossSource:
    return CrossSource(schema=1, id="t", recipe="mask3", cells=cells)


TABLE = table(
    cell("a", "a", "x", 9, 10),
    cell("a", "a", "y", 1, 2),
    cell("a", "b", "x", 3, 4),
    cell("a", "b", "y", 0, 0),
    cell("b", "a", "x", 0, 0),
)


def test_the_mean_counts_labels_alike_and_leaves_out_those_without_faces():
    assert TABLE.mean_recall("a", "a") == (pytest.approx((0.9 + 0.5) / 2), 12)
    assert TABLE.mean_recall("a", "b") == (0.75, 4)


def test_of_a_pair_without_faces_nothing_is_known():
    for pair in (("b", "a"), ("b", "b")):
        mean, n = TABLE.mean_recall(*pair)
        assert math.isnan(mean) and n == 0


def test_sources_are_those_trained_on_in_their_order():
    assert TABLE.sources == ("a", "b")


def test_what_is_written_is_read(tmp_path):
    known = table(*TABLE.cells[:3])  # NaN is equal to nothing
    write_cross_source(tmp_path, known)
    assert read_cross_source(tmp_path) == known
    write_cross_source(tmp_path, TABLE)
    assert math.isnan(read_cross_source(tmp_path).cells[-1].recall)


def test_nonsense_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="hits says 5, but there are only 4"):
        cell("a", "b", "x", 5, 4)
    with pytest.raises(ValidationError, match="a label twice"):
        table(cell("a", "b", "x", 1, 4), cell("a", "b", "x", 2, 4))
    with pytest.raises(ValidationError, match=f"more than {MAX_CROSSED} sources"):
        table(*(cell("a", str(n), "x", 0, 1) for n in range(MAX_CROSSED + 1)))
    (tmp_path / CROSS_SOURCE_FILE).write_text('{"schema": 2}')
    with pytest.raises(RecordError, match=CROSS_SOURCE_FILE):
        read_cross_source(tmp_path)
