"""YuNet with its real weights, which are not ours to ship. Where they are not at hand it does not run."""

import os
import time

import cv2
import numpy as np
import pytest

from core import yunet
from core.detectors import load_detector
from core.results import Frame
from core.samples import ASTRONAUT_LANDMARKS, SAMPLES, group_photo, sample_frame

pytestmark = [
    pytest.mark.weights,
    pytest.mark.skipif(
        not os.environ.get(yunet.PATH_VARIABLE), reason=f"needs YuNet's weights: set {yunet.PATH_VARIABLE}"
    ),
]


@pytest.fixture(scope="module")
def detector():
    return load_detector("yunet")


def test_the_published_file_is_taken(detector):
    assert detector.name == "yunet"


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "group"])
def test_a_masked_face_is_found_once_with_its_points(detector, name):
    (face,) = detector.detect(sample_frame(name))
    np.testing.assert_allclose(face.landmarks, ASTRONAUT_LANDMARKS, atol=12)


@pytest.mark.parametrize("side", [300, 640, 1500])
@pytest.mark.parametrize("name", ["no_mask", "worn_right", "nose_out"])
def test_a_face_that_fills_the_picture_is_found(detector, name, side):
    face = sample_frame(name).rgb[50:180, 160:290]
    assert len(detector.detect(Frame(cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)))) == 1


def test_twenty_faces_are_found_near_and_far(detector):
    near = group_photo(20).rgb
    assert len(detector.detect(Frame(near))) == 20
    far = np.full((3000, 4000, 3), 150, np.uint8)
    far[1000:1800, 2900:3900] = near
    far[:512, :512] = sample_frame("no_mask").rgb
    start = time.monotonic()
    found = detector.detect(Frame(far))
    assert len(found) == 21
    assert time.monotonic() - start < 10  # some 1.3 s on two idle cores
