import numpy as np
import pytest

from core.classification.classifier import Classifier
from core.decision import OperatingPoint
from core.explain.occlusion import PATCH_PROPORTIONS, mean_colour, occlude
from tests.toy_card import toy_card

SIZE = 48


class Watcher:
    """An engine that looks at one square of the picture only: the whiter it is, the surer of unit 0."""

    name = "onnx"

    def __init__(self, top, left, side):
        self.place = slice(top, top + side), slice(left, left + side)

    def run(self, batch):
        seen = batch[:, *self.place].mean(axis=(1, 2, 3)) / 255
        return np.stack([0.1 + 0.8 * seen, 0.45 - 0.4 * seen, 0.45 - 0.4 * seen], axis=1)


def classifier(top=32, left=0, side=8):
    card = toy_card(input_size=SIZE)
    return Classifier(card, Watcher(top, left, side), OperatingPoint())


def face(top=32, left=0, side=8):
    """Black but for the square that the engine looks at."""
    rgb = np.zeros((SIZE, SIZE, 3), np.uint8)
    rgb[top : top + side, left : left + side] = 255
    return rgb


def test_the_map_is_highest_where_the_network_looks():
    found = occlude(classifier(), face())  # patches of 8 pixels every 4: one lies on the square exactly
    assert found.side == 8 and list(found.starts) == list(range(0, 41, 4))
    place = found.strongest(0)
    assert (place.left, place.top, place.region) == (0, 32, "lower left")
    # By hand: grey is 255 * 64 / 48**2 = 7.08, so 7; 0.1 + 0.8 * 7 / 255 is left of 0.9.
    assert mean_colour(found.face).tolist() == [7, 7, 7]
    assert place.fall == pytest.approx(0.8 - 0.8 * 7 / 255, abs=1e-6)
    falls, _ = found.per_pixel(0)
    row, column = np.unravel_index(falls.argmax(), falls.shape)
    assert 32 <= row < 40 and 0 <= column < 8
    assert falls[:20].max() == pytest.approx(0, abs=1e-6) and falls[:, 20:].max() == pytest.approx(
        0, abs=1e-6
    )


def test_what_one_label_loses_the_others_gain():
    found = occlude(classifier(), face())
    np.testing.assert_allclose(sum(found.falls(unit) for unit in range(3)), 0, atol=1e-6)
    assert found.falls(1).min() < -0.3 and found.strongest(1).fall < 1e-6


def test_a_pixel_is_the_mean_of_the_patches_over_it():
    found = occlude(classifier(), face(), PATCH_PROPORTIONS["coarse"])
    falls, counts = found.per_pixel(0)
    wanted, n = np.zeros((SIZE, SIZE)), np.zeros((SIZE, SIZE), int)
    for i, top in enumerate(found.starts):
        for j, left in enumerate(found.starts):
            wanted[top : top + found.side, left : left + found.side] += found.falls(0)[i, j]
            n[top : top + found.side, left : left + found.side] += 1
    assert (counts == n).all() and n.min() == 1
    np.testing.assert_allclose(falls, wanted / n, atol=1e-9)


@pytest.mark.parametrize("proportion", PATCH_PROPORTIONS.values())
@pytest.mark.parametrize("size", [16, 50, 128])
def test_every_pixel_of_any_input_is_covered(proportion, size):
    one = classifier(0, 0, 4)
    one.card.input_size = size
    found = occlude(one, np.random.default_rng(0).integers(0, 256, (31, 40, 3), np.uint8), proportion)
    falls, counts = found.per_pixel(0)
    assert found.face.shape == (size, size, 3) and falls.shape == (size, size)
    assert counts.min() >= 1 and found.starts[-1] + found.side == size


@pytest.mark.parametrize(
    ("top", "left", "region"),
    [(0, 40, "upper right"), (20, 20, "middle"), (20, 0, "middle left"), (40, 20, "lower middle")],
)
def test_regions_in_words(top, left, region):
    assert occlude(classifier(top, left), face(top, left)).strongest(0).region == region


def test_the_crop_is_left_as_it_was():
    crop = face()
    occlude(classifier(), crop)
    assert (crop == face()).all()
