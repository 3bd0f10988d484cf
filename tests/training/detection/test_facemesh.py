import math
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import DetectorError
from core.mask_rendering.samples import ASTRONAUT_LANDMARKS, sample_frame
from training.detection.facemesh import FaceMesh, five_points, pose

BOX = (175, 60, 270, 180)  # the astronaut's face, pixels
# Where the points lie that are read, on a head that looks at the camera. Unit: half a head's width.
HEAD = {
    33: (-0.6, -0.3, -0.2), 133: (-0.2, -0.3, -0.3), 362: (0.2, -0.3, -0.3), 263: (0.6, -0.3, -0.2),
    1: (0, 0.1, -0.7), 61: (-0.3, 0.5, -0.4), 291: (0.3, 0.5, -0.4), 10: (0, -1, -0.3), 152: (0, 1, -0.3),
    234: (-0.9, 0, 0.4), 454: (0.9, 0, 0.4), 172: (-0.7, 0.6, 0), 397: (0.7, 0.6, 0),
}  # fmt: skip


def head(yaw=0.0, pitch=0.0, roll=0.0):
    """(468, 3) points of a head 200 pixels wide at (300, 200); y points down, z away from the camera."""
    a, b, c = (math.radians(v) for v in (pitch, -yaw, roll))
    about_x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    about_y = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    about_z = np.array([[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]])
    points = np.zeros((468, 3))
    points[list(HEAD)] = list(HEAD.values())
    return points @ (about_z @ about_y @ about_x).T * 100 + (300, 200, 0)


def test_five_points_are_the_persons_right_eye_first():
    right, left, nose, right_corner, left_corner = five_points(head())
    np.testing.assert_allclose((right, left), ((260, 170), (340, 170)))
    np.testing.assert_allclose((nose, right_corner, left_corner), ((300, 210), (270, 250), (330, 250)))


def test_pose_of_a_head_that_looks_at_the_camera_is_none():
    np.testing.assert_allclose(pose(head()), (0, 0, 0), atol=1e-9)


@pytest.mark.parametrize(
    "turned", [(30, 0, 0), (0, 20, 0), (0, 0, 90), (-60, -10, -100), (30, 20, 170), (85, 0, 30)]
)
def test_pose_is_what_the_head_was_turned_by(turned):
    np.testing.assert_allclose(pose(head(*turned)), turned, atol=1e-9)


def test_signs_of_pose_are_as_said():
    nose = np.array(five_points(head())[2])
    assert five_points(head(yaw=30))[2][0] > nose[0], "to the picture's right"
    assert five_points(head(pitch=20))[2][1] > nose[1], "down"
    right, left, *_ = five_points(head(roll=90))
    assert left[1] > right[1] and abs(left[0] - right[0]) < 1e-9, "clockwise"


def test_pose_bears_points_that_are_not_quite_rigid():
    noisy = head(20, 10, -40) + np.random.default_rng(3).normal(0, 3, (468, 3))
    np.testing.assert_allclose(pose(noisy), (20, 10, -40), atol=6)


def test_what_is_no_network_is_refused_in_words(tmp_path):
    with pytest.raises(DetectorError, match="cannot be read as FaceMesh"):
        FaceMesh(tmp_path / "none.tflite")
    (tmp_path / "text.tflite").write_bytes(b"not a network")
    with pytest.raises(DetectorError, match="cannot be read as FaceMesh"):
        FaceMesh(tmp_path / "text.tflite")


@pytest.fixture(scope="module")
def face_mesh():
    return FaceMesh(Path(os.environ["FACEMESH"]))


WEIGHTS = [
    pytest.mark.weights,
    pytest.mark.skipif(not os.environ.get("FACEMESH"), reason="needs FaceMesh's weights: set FACEMESH"),
]
with_weights = [pytest.param(roll, marks=WEIGHTS) for roll in (0, 90, 180, -60)]


@pytest.mark.parametrize("roll", with_weights)
@pytest.mark.parametrize("name", ["no_mask", "worn_right"])
def test_points_lie_on_the_face_however_it_is_turned(face_mesh, name, roll):
    x, y = (BOX[0] + BOX[2]) / 2, (BOX[1] + BOX[3]) / 2
    matrix = cv2.getRotationMatrix2D((x, y), -roll, 1)
    rgb = sample_frame(name).rgb
    turned = cv2.warpAffine(rgb, matrix, rgb.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    points = face_mesh.points(turned, (x - 60, y - 60, x + 60, y + 60), roll)
    where = np.column_stack([ASTRONAUT_LANDMARKS, np.ones(5)]) @ matrix.T
    np.testing.assert_allclose(five_points(points), where, atol=12)
    off = (pose(points)[2] - roll + 180) % 360 - 180
    assert abs(off) < 20


@pytest.mark.parametrize("roll", with_weights)
def test_five_points_of_another_say_where_to_start_and_how_the_face_is_turned(face_mesh, roll):
    x, y = (BOX[0] + BOX[2]) / 2, (BOX[1] + BOX[3]) / 2
    matrix = cv2.getRotationMatrix2D((x, y), -roll, 1)
    rgb = sample_frame("worn_right").rgb
    turned = cv2.warpAffine(rgb, matrix, rgb.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    where = np.column_stack([ASTRONAUT_LANDMARKS, np.ones(5)]) @ matrix.T
    off_centre = (x - 20, y - 80, x + 100, y + 40)  # as a detector's box may be
    points = face_mesh.points(turned, off_centre, start=tuple(map(tuple, where)))
    np.testing.assert_allclose(five_points(points), where, atol=12)
