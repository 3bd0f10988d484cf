"""Nobody can be recognised where faces are blurred, and nothing else is touched."""

import numpy as np
import pytest

from core.drawing.anonymise import blur_faces
from core.mask_rendering.samples import sample_frame


@pytest.mark.parametrize("side", [3, 24, 100, 400])
def test_a_blurred_face_holds_nothing_but_a_few_means(side):
    rng = np.random.default_rng(0)
    detail = rng.integers(0, 2, (700, 700, 1), dtype=np.uint8).repeat(3, axis=2) * 255
    box = (150, 150, 150 + side, 150 + side)
    blurred = blur_faces(detail, [box])
    inside, was = (a[150 : 150 + side, 150 : 150 + side, 0].astype(float) for a in (blurred, detail))
    assert inside.std() < 0.35 * was.std()
    steps = np.abs(np.diff(inside, axis=1)).max()
    assert steps < 255 * 2.5 * 5 / side + 2, "an edge is left"
    assert (blurred[:60] == detail[:60]).all() and not np.shares_memory(blurred, detail)


def test_pictures_that_differ_in_detail_only_are_blurred_to_the_same():
    rgb = sample_frame("no_mask").rgb
    box = (178, 63, 268, 176)
    other = rgb.copy()
    # Shuffle pixels within the middle of one of the 5 x 5 cells: its mean stays, its content does not
    patch = other[112:126, 216:230].reshape(-1, 3)
    other[112:126, 216:230] = np.random.default_rng(0).permutation(patch).reshape(14, 14, 3)
    one, two = blur_faces(rgb, [box]), blur_faces(other, [box])
    assert np.abs(one.astype(int) - two).max() <= 2
