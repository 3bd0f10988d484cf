"""Columns on a terminal: as narrow as what is in them, and no blanks at the end of a line."""

import pytest
from training.evaluation.text_table import table


def test_columns_stand_under_each_other():
    assert list(table([("label", "n"), ("with_mask", "1,000"), ("no", "")])) == [
        "  label      n",
        "  with_mask  1,000",
        "  no",
    ]


def test_rows_of_another_length_are_a_fault():
    with pytest.raises(ValueError, match="argument 2"):
        list(table([("a", "b"), ("c",)]))
