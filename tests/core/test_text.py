"""What came from elsewhere, on a screen and in a table. Names of pictures are in images/test_decode.py."""

from __future__ import annotations

import pytest

from core.text import escape_spreadsheet_cell, printable


@pytest.mark.parametrize("start", "=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - full-width is meant
def test_what_a_spreadsheet_would_run_is_text(start):
    assert escape_spreadsheet_cell(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("cell", ["", "mask", "1-1", " =1", "'=1", -1, -0.5, None])
def test_every_other_cell_stays_as_it_is(cell):
    assert escape_spreadsheet_cell(cell) is cell


def test_a_text_is_cut_only_where_it_is_too_long():
    assert printable("x" * 80) == "x" * 80
    assert printable("head" + "x" * 80 + "tail", 12) == "headxxx…tail"
