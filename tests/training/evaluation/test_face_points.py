"""Which face of a crop is taken, and whether points are believed, with detectors of known answers."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import DetectorError
from core.results import Detection
from training.evaluation import face_points
from training.evaluation.face_points import find_faces, points_follow

SIDE = 120
FIVE = ((40.0, 50.0), (80.0, 50.0), (60.0, 65.0), (45.0, 85.0), (75.0, 85.0))


def crop(height=50) -> np.ndarray:
    """A red mark where the right eye is, a blue one for the left."""
    rgb = np.full((SIDE, SIDE, 3), 90, np.uint8)
    for x, channel in ((40, 0), (80, 2)):
        rgb[height - 4 : height + 5, x - 4 : x + 5] = 0
        rgb[height - 4 : height + 5, x - 4 : x + 5, channel] = 255
    return rgb


class Fixed:
    """Always the same faces, whatever it is shown."""

    name = "fixed"
    operating_point = live_operating_point = 0.5

    def __init__(self, *faces: Detection) -> None:
        self.faces = faces or (Detection((20, 20, 100, 100), 0.9, "fixed", FIVE),)

    def detect(self, frame, min_score=None, *, longest_side=None):
        return self.faces


class Seeing(Fixed):
    """The eyes are where the marks are."""

    name = "seeing"

    def detect(self, frame, min_score=None, *, longest_side=None):
        rgb = frame.rgb.astype(int)
        eyes = []
        for one, other in ((0, 2), (2, 0)):
            y, x = np.nonzero(rgb[..., one] - rgb[..., other] > 120)
            if not len(x):
                return ()
            eyes.append(np.array([x.mean(), y.mean()]))
        across = eyes[1] - eyes[0]
        down = np.array([-across[1], across[0]])
        points = (*eyes, eyes[0] + across / 2 + down / 3, eyes[0] + down, eyes[1] + down)
        return (
            Detection((20, 20, 100, 100), 0.9, self.name, tuple((float(x), float(y)) for x, y in points)),
        )


@pytest.fixture
def at_hand(monkeypatch):
    """Makes the default detector, YuNet, and what finds points what is given."""

    def make(default, yunet=None, landmarks=None):
        def load(found):
            if found is None:
                raise DetectorError("not at hand")
            return found

        monkeypatch.setattr(face_points, "load_detector", lambda: load(default))
        monkeypatch.setattr(face_points, "load_landmarks", lambda: landmarks)
        monkeypatch.setattr(face_points, "_yunet_at_hand", lambda: load(yunet))

    return make


def test_points_that_turn_with_the_picture_follow():
    crops = np.array([crop()] * 3)
    assert points_follow(crops, Seeing())
    assert not points_follow(crops, Fixed())
    assert points_follow(np.zeros((2, SIDE, SIDE, 3), np.uint8), Seeing())  # no face speaks against it


def test_the_face_nearest_to_the_middle_is_taken_and_only_with_points(at_hand):
    middle = Detection((30, 30, 90, 90), 0.6, "fixed", FIVE)
    beside = Detection((0, 0, 50, 50), 0.99, "fixed", FIVE)
    at_hand(Fixed(beside, middle, Detection((31, 31, 89, 89), 0.9, "fixed", None)))
    assert find_faces(np.array([crop()])).faces == {0: middle}


def test_where_none_is_found_it_is_said(at_hand):
    at_hand(Seeing())
    found = find_faces(np.array([crop(), np.zeros((SIDE, SIDE, 3), np.uint8)]))
    assert found.faces[0] and found.faces[1] is None and (found.detector, found.tell_pose) == ("seeing", True)


def test_points_that_do_not_turn_tell_no_pose_and_another_detector_is_asked(at_hand, caplog):
    crops = np.array([crop()])
    at_hand(Fixed(), Seeing())
    assert find_faces(crops).detector == "seeing" and not caplog.records
    at_hand(Fixed(), Fixed())
    found = find_faces(crops)
    assert (found.detector, found.tell_pose) == ("fixed", False) and "do not turn with a face" in caplog.text


def test_points_of_the_network_that_finds_them_replace_those_of_the_detector(at_hand):
    class Finder:
        def locate(self, frame, detections):
            (seen,) = Seeing().detect(frame)
            return tuple(replace(face, landmarks=seen.landmarks) for face in detections)

    at_hand(Fixed(), landmarks=Finder())
    found = find_faces(np.array([crop()]))
    assert (found.detector, found.tell_pose) == ("fixed", True)
    assert found.faces[0].landmarks[0] == (40, 50) and found.faces[0].landmarks[1] == (80, 50)


def test_without_a_detector_nothing_is_found(at_hand, caplog):
    at_hand(None)
    assert find_faces(np.array([crop()])) == face_points.FoundFaces() and "No detector" in caplog.text


def test_points_are_of_the_crop_though_a_smaller_one_is_looked_at(at_hand):
    at_hand(Fixed())
    (face,) = find_faces(np.full((1, 448, 448, 3), 90, np.uint8)).faces.values()
    assert face.landmarks[0] == (80.0, 100.0) and face.box == (40, 40, 200, 200)


def test_of_very_many_some_are_looked_at_evenly_spread(at_hand, monkeypatch):
    monkeypatch.setattr(face_points, "MOST_LOOKED_AT", 3)
    at_hand(Fixed())
    assert list(find_faces(np.array([crop()] * 9)).faces) == [0, 4, 8]
