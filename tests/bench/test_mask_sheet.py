"""The sheet of drawn masks shows every way to wear one, and the one in the docs is of the same kind."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.mask_sheet import SIDE, main, sheet
from core.mask_rendering import WAYS

ROWS = len(WAYS)
IN_DOCS = Path(__file__).parents[2] / "training/masks.jpg"


def test_a_row_a_wearing_and_a_column_a_style():
    picture = sheet(3, seed=1)
    assert picture.shape == (ROWS * SIDE, 3 * SIDE, 3)
    tiles = [
        picture[r * SIDE : (r + 1) * SIDE, c * SIDE : (c + 1) * SIDE] for r in range(ROWS) for c in range(3)
    ]
    assert len({tile.tobytes() for tile in tiles}) == 3 * ROWS
    assert (picture == sheet(3, seed=1)).all() and (picture != sheet(3, seed=2)).any()


def test_the_sheet_in_the_docs_is_what_the_command_draws(tmp_path):
    main([str(tmp_path / "masks.jpg")])
    ours, drawn = (np.asarray(Image.open(p), float) for p in (IN_DOCS, tmp_path / "masks.jpg"))
    assert ours.shape == drawn.shape and np.abs(ours - drawn).mean() < 2  # other codecs round otherwise


@pytest.mark.parametrize(
    "arguments", [["sheet.gif"], ["sheet.jpg", "--columns", "0"], ["no/such/folder/a.png"]]
)
def test_what_cannot_be_made_is_refused_in_a_sentence(arguments, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code and "error:" in capfd.readouterr().err
