"""Faces found, missed and made up are each drawn in a way of its own, at little cost."""

import numpy as np
import pytest

from core.drawing.outcomes import COLOURS, Marked, marked_crop
from core.errors import ImageError
from core.results import Frame


def has(crop, outcome, row, columns):
    colour = np.array([int(COLOURS[outcome][i : i + 2], 16) for i in (1, 3, 5)])
    return (crop[row, columns] == colour).all(axis=-1)


@pytest.fixture
def grey():
    return Frame(np.full((300, 300, 3), 90, np.uint8))


def test_each_outcome_has_a_line_of_its_own_where_the_box_is(grey):
    box = (100.0, 100.0, 200.0, 200.0)  # in a crop of 300 pixels from 0: a third of it
    crops = {kind: marked_crop(grey, box, [Marked(box, kind)], 300) for kind in COLOURS}
    top = {kind: has(crop, kind, 100, slice(104, 197)) for kind, crop in crops.items()}
    assert top["found"].all()
    assert 0.3 < top["missed"].mean() < 0.7 and top["missed"][:5].all() and top["missed"][-5:].all()
    changes = {kind: int(np.abs(np.diff(line.astype(int))).sum()) for kind, line in top.items()}
    assert changes["missed"] >= 8 and changes["false"] == 2 and not top["false"][30:60].any()
    assert all((crop[150, 150] == 90).all() for crop in crops.values())


def test_neighbours_are_drawn_and_what_is_elsewhere_is_not(grey):
    box = (100.0, 100.0, 200.0, 200.0)
    beside = Marked((220.0, 120.0, 260.0, 160.0), "found")
    assert has(marked_crop(grey, box, [beside], 300), "found", 120, slice(224, 256)).all()
    assert (marked_crop(grey, box, [Marked((900.0, 9.0, 950.0, 50.0), "found")], 300) == 90).all()


def test_a_tiny_face_has_surroundings_and_a_box_outside_is_refused(grey):
    crop = marked_crop(grey, (150.0, 150.0, 154.0, 154.0), [Marked((150.0, 150.0, 154.0, 154.0), "missed")])
    rows = np.flatnonzero((crop != 90).any(axis=(1, 2)))
    assert crop.shape == (240, 240, 3) and np.ptp(rows) == pytest.approx(240 * 4 / 64, abs=8)
    with pytest.raises(ImageError, match="300 x 300"):
        marked_crop(grey, (9000.0, 9000.0, 9050.0, 9050.0), [])


def test_a_strangers_huge_box_costs_little_memory():
    import tracemalloc

    frame = Frame(np.zeros((40, 20_000, 3), np.uint8))
    tracemalloc.start()
    crop = marked_crop(frame, (0.0, 0.0, 900_000.0, 30.0), [Marked((-1e6, -1e6, 1e6, 1e6), "false")])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert crop.shape == (240, 240, 3) and peak < 40 * 2**20
