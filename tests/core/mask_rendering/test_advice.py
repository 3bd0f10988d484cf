"""Each wrong way has its picture of what to do: as it is on the left, as it should be on the right."""

import numpy as np
import pytest

from core.labels import SUBTYPES
from core.mask_rendering.advice import how_to_wear
from core.mask_rendering.ways import SUBTYPE_OF


def test_every_subtype_has_a_picture_and_every_way_a_subtype():
    assert set(SUBTYPE_OF.values()) == set(SUBTYPES)
    pictures = [how_to_wear(subtype).rgb for subtype in SUBTYPES]
    assert len({picture.tobytes() for picture in pictures}) == len(SUBTYPES)
    # All end at the same place
    side = pictures[0].shape[0]
    assert all((picture[:, -side:] == pictures[0][:, -side:]).all() for picture in pictures)


@pytest.mark.parametrize("subtype", SUBTYPES)
def test_the_two_portraits_differ_by_the_mask_and_by_their_marks(subtype):
    rgb = how_to_wear(subtype).rgb.astype(int)
    side = rgb.shape[0]
    wrong, right = rgb[:, :side], rgb[:, -side:]
    middle = np.s_[side // 3 : side - 8, side // 4 : -side // 4]
    assert (np.abs(wrong[middle] - right[middle]).max(axis=2) > 40).mean() > 0.1
    assert wrong[2, side // 2, 0] > 150 > right[2, side // 2, 0], "orange frame, blue frame"
    assert rgb[:, side:-side].min() < 100, "an arrow between them"


def test_it_is_drawn_once_and_other_names_are_refused():
    assert how_to_wear("nose_out") is how_to_wear("nose_out")
    with pytest.raises(KeyError):
        how_to_wear("upside_down")
