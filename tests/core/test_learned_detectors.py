"""Detectors with their real weights, on pictures that are always there.

YuNet's weights are not ours to ship: where they are not at hand it does not run.
"""

import os
import threading
import time

import cv2
import numpy as np
import pytest

from core import settings
from core.detection import face_fpn
from core.detection.registry import load_detector
from core.mask_rendering.samples import ASTRONAUT_LANDMARKS, SAMPLES, group_photo, sample_frame
from core.models.detector_card import DETECTOR_CARD_FILE
from core.models.installed import folders
from core.models.weights import sha256_of
from core.results import Frame

MOST_BYTES = 4 * 2**20  # of a file that ships
NO_YUNET = [
    pytest.mark.weights,
    pytest.mark.skipif(
        not os.environ.get(settings.YUNET.name), reason=f"needs YuNet's weights: set {settings.YUNET.name}"
    ),
]


@pytest.fixture(scope="module", params=[face_fpn.NAME, pytest.param("yunet", marks=NO_YUNET)])
def detector(request):
    return load_detector(request.param)


def test_ours_is_the_default_and_its_files_are_small_and_as_the_card_says():
    detector = load_detector()
    assert detector.name == face_fpn.NAME
    folder = folders(DETECTOR_CARD_FILE)[face_fpn.NAME]
    for weights in detector.card.weights.values():
        assert sha256_of(folder / weights.file) == weights.sha256
        assert (folder / weights.file).stat().st_size < MOST_BYTES


@pytest.mark.parametrize("side", [None, 640, 320])
@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "group"])
def test_a_face_is_found_once_with_its_points_masked_or_bare(detector, name, side):
    (face,) = detector.detect(sample_frame(name), longest_side=side)
    bound = 15 if detector.name == face_fpn.NAME or side else 12
    np.testing.assert_allclose(face.landmarks, ASTRONAUT_LANDMARKS, atol=bound)


@pytest.mark.parametrize("side", [300, 640, 1500])
@pytest.mark.parametrize("name", ["no_mask", "worn_right", "nose_out"])
def test_a_face_that_fills_the_picture_is_found(detector, name, side):
    face = sample_frame(name).rgb[50:180, 160:290]
    assert len(detector.detect(Frame(cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)))) == 1


def test_twenty_faces_are_found_near_and_far_and_soon(detector):
    near = group_photo(20).rgb
    assert len(detector.detect(Frame(near))) == 20
    far = np.full((3000, 4000, 3), 150, np.uint8)
    far[1000:1800, 2900:3900] = near
    far[:512, :512] = sample_frame("no_mask").rgb
    start = time.process_time()
    found = detector.detect(Frame(far))
    assert len(found) == 21
    assert time.process_time() - start < 5  # of all cores together, however busy: some 1.2 s of work


@pytest.mark.parametrize("value", [0, 127, 255])
@pytest.mark.parametrize("size", [(1, 1), (640, 480), (9000, 40)])
def test_where_nothing_is_ours_finds_nothing(size, value):
    detector = load_detector(face_fpn.NAME)
    assert detector.detect(Frame(np.full((size[1], size[0], 3), value, np.uint8)), 0.2) == ()


def test_threads_share_it(detector):
    frames = [sample_frame("no_mask"), group_photo(4), Frame(sample_frame("worn_right").rgb[:300])]
    alone = [detector.detect(frame) for frame in frames]
    together = {}

    def look(i):
        together[i] = [detector.detect(frame) for frame in frames]

    threads = [threading.Thread(target=look, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(together.values()) == [alone] * 3
