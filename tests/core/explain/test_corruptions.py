import io
import math

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from core.classification.classifier import Classifier
from core.decision import OperatingPoint
from core.explain import corruptions
from core.explain.corruptions import CORRUPTIONS, classify_crops, measure_robustness
from core.mask_rendering.samples import sample_frame
from core.models.installed import installed_models
from tests.toy_card import toy_card

BY_NAME = {kind.name: kind for kind in CORRUPTIONS}
FACE = sample_frame("no_mask").rgb[40:190, 145:295]  # 150 x 150, the head in the middle
CARD = toy_card(crop_scale=1.5, quality=installed_models()["mask3"].quality)


class Brightness:
    """An engine that names unit 0 when the picture is bright and unit 2 when it is dark."""

    name = "onnx"

    def __init__(self):
        self.calls = 0

    def run(self, batch):
        self.calls += 1
        light = batch.mean(axis=(1, 2, 3)) / 255
        return np.stack([light, np.full(len(light), 0.001), 0.999 - light], axis=1)


def classifier(point=None):
    return Classifier(CARD, Brightness(), point or OperatingPoint())


def difference(a, b):
    return float(np.abs(a.astype(float) - b).mean())


@pytest.mark.parametrize("kind", CORRUPTIONS, ids=lambda kind: kind.name)
def test_none_is_the_face_itself_and_all_keep_its_shape(kind):
    curve = measure_robustness(classifier(), FACE, kind)
    assert 7 <= len(curve.severities) <= 9 and (curve.crops[curve.start] == FACE).all()
    assert all(crop.shape == FACE.shape and crop.dtype == np.uint8 for crop in curve.crops)


@pytest.mark.parametrize("kind", CORRUPTIONS, ids=lambda kind: kind.name)
def test_each_step_outwards_takes_the_face_further(kind):
    curve = measure_robustness(classifier(), FACE, kind)
    for way in curve.directions():
        far = [difference(curve.crops[i], FACE) for i in way]
        assert far[0] == 0 and far[1] > 0.1
        if kind.name != "Rotation":  # a face turned by 90 degrees may fit better than by 60
            assert far == sorted(far)


def test_all_severities_go_in_one_call():
    one = classifier()
    measure_robustness(one, FACE, BY_NAME["Blur"])
    assert one.engine.calls == 1


def test_blur_is_a_gaussian_of_that_sigma():
    wanted = gaussian_filter(FACE.astype(float), (3, 3, 0), mode="nearest")
    assert np.abs(corruptions.blur(FACE, 3) - wanted).max() < 1.5


def test_darkness_scales_light_and_not_the_numbers():
    """By hand: sRGB 188 is 0.503 of full light, a half of it 0.2515, which is sRGB 137."""
    grey = np.full((2, 2, 3), 188, np.uint8)
    assert corruptions.darken(grey, 0.5).tolist() == np.full((2, 2, 3), 137).tolist()
    assert (corruptions.darken(grey, 0.0) == 0).all()
    ramp = np.arange(256, dtype=np.uint8).reshape(16, 16, 1).repeat(3, axis=2)
    assert (corruptions.darken(ramp, 1.0) == ramp).all()


def test_rotation_is_clockwise_about_the_centre():
    corner = np.zeros((5, 5, 3), np.uint8)
    corner[0, 0] = 255  # upper left goes to upper right
    for degrees, place in ((90, (0, 4)), (-90, (4, 0))):
        turned = corruptions.rotate(corner, degrees)
        assert (turned[place] == 255).all() and turned.sum() == 3 * 255
    np.testing.assert_array_equal(corruptions.rotate(FACE, 90), np.rot90(FACE, -1))


def test_jpeg_is_what_a_file_of_that_quality_holds():
    file = io.BytesIO()
    Image.fromarray(FACE).save(file, "JPEG", quality=25)
    np.testing.assert_array_equal(corruptions.compress(FACE, 25), np.array(Image.open(file)))


def test_fewer_pixels_are_means_of_what_they_replace():
    checks = np.indices((8, 8)).sum(axis=0) % 2 * 200
    grey = corruptions.shrink(checks.astype(np.uint8)[..., None].repeat(3, axis=2), 0.25)
    assert (grey == 100).all()


def test_blocks_hide_their_share_of_the_face():
    """A crop of 150 pixels holds a face of 100 with 25 pixels of margin: 20% of it end 45 pixels in."""
    below = BY_NAME["Covered from below"].apply(FACE, 0.2, 100.0)
    above = BY_NAME["Covered from above"].apply(FACE, 0.2, 100.0)
    mean = FACE.mean(axis=(0, 1)).round()
    assert (below[105:] == mean).all() and (below[:105] == FACE[:105]).all()
    assert (above[:45] == mean).all() and (above[45:] == FACE[45:]).all()


def test_the_answer_turns_where_the_light_is_gone():
    curve = measure_robustness(classifier(), np.full((60, 60, 3), 188, np.uint8), BY_NAME["Darkness"])
    # Light that is left as sRGB: 188, 137, 99, ... of 255: 0.74, 0.54, 0.39
    way = curve.directions()[0]
    assert curve.first_change(way) == 2 and curve.answers.named(2) == "without_mask"
    assert curve.answers.probabilities[1, 0] == pytest.approx(137 / 255, abs=1e-3)


def test_the_operating_point_names_the_answer():
    curve = measure_robustness(
        classifier(OperatingPoint(0.0, 0.2)), np.full((60, 60, 3), 188, np.uint8), BY_NAME["Blur"]
    )
    assert curve.answers.named(0) == "without_mask"  # 26% of alarm are more than 20%


def test_the_gate_says_why_it_would_not_judge():
    dark = measure_robustness(classifier(), FACE, BY_NAME["Darkness"])
    assert dark.answers.refused[0] is None and dark.answers.refused[-1] == "dark"
    small = measure_robustness(classifier(), FACE, BY_NAME["Fewer pixels"])
    assert small.severities == (math.inf, 64, 48, 32, 24, 16, 12, 8, 5)
    reasons = dict(zip(small.severities, small.answers.refused, strict=True))
    assert reasons[24] is reasons[12] is None and reasons[5] == "too_small"
    assert measure_robustness(classifier(), FACE, BY_NAME["Blur"]).answers.refused[-1] == "blurred"


def test_a_small_lead_is_refused_only_when_more_is_asked_for():
    even = np.random.default_rng(0).integers(0, 256, (60, 60, 3), np.uint8)  # sharp, and half bright
    assert classify_crops(classifier(), [even], [40.0]).refused == (None,)
    assert classify_crops(classifier(OperatingPoint(0.25)), [even], [40.0]).refused == ("low_margin",)


def test_a_face_of_few_pixels_is_not_enlarged_to_be_shrunk():
    curve = measure_robustness(classifier(), FACE[:24, :24], BY_NAME["Fewer pixels"])  # a face of 16 pixels
    assert curve.severities == (math.inf, 12, 8, 5)
    tiny = measure_robustness(classifier(), FACE[:6, :6], BY_NAME["Fewer pixels"])
    assert tiny.severities == (math.inf,) and tiny.directions() == ()


def test_rotation_goes_both_ways_and_any_shape_is_made_square():
    curve = measure_robustness(classifier(), FACE[:80], BY_NAME["Rotation"])
    assert [len(way) for way in curve.directions()] == [5, 5] and curve.crops[0].shape == (150, 150, 3)
