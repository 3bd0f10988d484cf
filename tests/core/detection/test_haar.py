"""The cascade that is always at hand: a bare face, in the picture's own pixels, best first."""

import cv2
import numpy as np
import pytest

from core.detection import haar
from core.detection.haar import HaarDetector, find_cascade
from core.errors import DetectorError
from core.mask_rendering.samples import sample_frame
from core.results import Frame

FACE = (178, 63, 268, 176)  # of the astronaut, by eye


@pytest.fixture(scope="module")
def detector():
    return HaarDetector()


def turned(rgb: np.ndarray) -> Frame:
    return Frame(np.ascontiguousarray(rgb))


@pytest.mark.parametrize("longest_side", [None, 320])
def test_a_face_is_found_where_it_is(detector, longest_side):
    (face,) = detector.detect(sample_frame("no_mask"), longest_side=longest_side)
    middle = [(face.box[i] + face.box[i + 2]) / 2 for i in (0, 1)]
    assert FACE[0] < middle[0] < FACE[2] and FACE[1] < middle[1] < FACE[3]
    assert 0.7 < (face.box[2] - face.box[0]) / (FACE[2] - FACE[0]) < 1.6
    assert face.detector == "haar" and detector.operating_point <= face.score < 1


def test_boxes_are_in_the_pixels_of_the_picture_and_two_faces_are_two(detector):
    rgb = sample_frame("no_mask").rgb
    (one,) = detector.detect(Frame(rgb))
    two = detector.detect(turned(np.hstack([rgb, rgb])))
    lefts = sorted(face.box[0] for face in two)
    assert len(two) == 2 and lefts[1] - lefts[0] == pytest.approx(rgb.shape[1], abs=12)
    assert lefts[0] == pytest.approx(one.box[0], abs=12)
    assert [face.score for face in two] == sorted((face.score for face in two), reverse=True)


def test_a_higher_score_is_asked_for_and_nothing_is_there(detector):
    frame = sample_frame("no_mask")
    (face,) = detector.detect(frame)
    assert detector.detect(frame, min_score=face.score + 0.01) == ()
    assert detector.detect(Frame(np.full((200, 200, 3), 128, np.uint8))) == ()


def test_a_picture_smaller_than_its_window_holds_no_face(detector):
    assert detector.detect(Frame(np.zeros((9, 400, 3), np.uint8))) == ()


def test_an_opencv_without_cascades_says_which_one_has_them(monkeypatch):
    monkeypatch.delattr(cv2, "CascadeClassifier")
    with pytest.raises(DetectorError, match="opencv-python-headless<5"):
        find_cascade()


def test_an_opencv_without_the_file_says_so(monkeypatch):
    monkeypatch.setattr(haar, "CASCADE", "no_such.xml")
    with pytest.raises(DetectorError, match=r"does not ship no_such\.xml"):
        find_cascade()
