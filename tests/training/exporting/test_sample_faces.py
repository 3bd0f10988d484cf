"""The two sample faces: a network that was told of wrongly is warned of, and what may mend it is named."""

import numpy as np
import pytest

from core.labels import MASK_2
from core.models import SHIPPED, read_card
from core.records import Labels
from training.exporting.conventions import Conventions
from training.exporting.sample_faces import warning_of
from training.fitting import VALUES

CARD = read_card(SHIPPED / "mask3").model_copy(
    update={"labels": Labels(set="mask2", names=MASK_2.labels), "classes": None, "crop_scale": 1.0}
)


class BlueBelow:
    """Says `with_mask` where the lower face is blue, as the sample's mask is.

    It learned pictures of `learned`, and was exported as one that learned those of `told`.
    """

    name = "onnx"

    def __init__(self, learned, told):
        self.learned, self.told = learned, told

    def run(self, batch):
        size = batch.shape[1]
        values = VALUES[self.told.input_range]
        fed = batch[..., ::-1] if values.reversed != (self.told.channel_order == "bgr") else batch
        fed = fed * np.asarray(values.scale) + np.asarray(values.offset)
        # What it sees, in the words of what it learned
        mine = VALUES[self.learned.input_range]
        seen = (fed - np.asarray(mine.offset)) / np.asarray(mine.scale)
        if mine.reversed != (self.learned.channel_order == "bgr"):
            seen = seen[..., ::-1]
        below = seen[:, int(size * 0.65) : int(size * 0.9), int(size * 0.35) : int(size * 0.65)]
        blue = (below[..., 2] - below[..., 0]).mean(axis=(1, 2))
        dark = below.mean(axis=(1, 2, 3)) < 10  # of another range it sees nothing
        p = 1 / (1 + np.exp(-np.clip(blue, -40, 40) / 4))
        p = np.where(dark, 0.9, p)
        return np.stack([p, 1 - p], axis=1).astype(np.float32)


def said(learned, told):
    return warning_of(BlueBelow(learned, told), CARD, told)


@pytest.mark.parametrize("order", ["rgb", "bgr"])
@pytest.mark.parametrize("input_range", list(VALUES))
def test_a_network_that_was_told_of_rightly_is_not_warned_of(input_range, order):
    how = Conventions(input_range, order)
    assert said(how, how) is None


def test_bgr_that_was_not_told_is_offered():
    warning = said(Conventions("0,1", "bgr"), Conventions("0,1"))
    assert "says without_mask" in warning and "--input-range=0,1 --channel-order bgr" in warning


def test_another_range_is_offered():
    warning = said(Conventions("0,255"), Conventions("-1,1"))
    assert "says with_mask (0.90) and with_mask (0.90)" in warning
    assert "It tells them apart with --input-range=0,255 --channel-order rgb" in warning


def test_labels_in_the_other_order_are_warned_of():
    how = Conventions("0,255")
    card = CARD.model_copy(update={"labels": Labels(set="own", names=MASK_2.labels[::-1])})
    warning = warning_of(BlueBelow(how, how), card, how)
    assert "says without_mask" in warning and "the order of --labels" in warning


def test_of_labels_that_are_not_known_only_the_same_answer_is_warned_of():
    how = Conventions("0,255")
    own = CARD.model_copy(update={"labels": Labels(set="own", names=("hat", "no hat"))})
    assert warning_of(BlueBelow(how, how), own, how) is None
    warning = warning_of(BlueBelow(how, Conventions("-1,1")), own, Conventions("-1,1"))
    assert "says hat (0.90) and hat (0.90)" in warning and "tells them apart" not in warning
