"""Answers made by hand, in the form that each network has, are read as the faces that they mean."""

import numpy as np
import pytest

from core.errors import DetectorError
from core.results import Frame
from training.detection import teachers
from training.detection.teachers import TEACHERS, CenterFace, Scrfd

BOX = (96.0, 64.0, 160.0, 144.0)
FIVE = ((110.0, 90.0), (145.0, 91.0), (128.0, 105.0), (115.0, 122.0), (142.0, 123.0))


class FakeScrfd:
    """Sees `BOX` with `FIVE` in its input, by the second anchor of one cell of stride 16."""

    def get_inputs(self):
        return [type("Input", (), {"name": "images"})]

    def run(self, names, given):
        (self.picture,) = given.values()
        answers = []
        for width in (1, 4, 10):
            answers += [np.zeros((1, 2 * (640 // stride) ** 2, width), np.float32) for stride in (8, 16, 32)]
        row, column = 6, 8  # its point: (128, 96)
        n = 2 * (row * 40 + column) + 1
        answers[1][0, n] = 0.8
        answers[4][0, n] = np.array([128 - 96, 96 - 64, 160 - 128, 144 - 96]) / 16
        answers[7][0, n] = ((np.array(FIVE) - (128, 96)) / 16).ravel()
        return answers


@pytest.fixture
def scrfd(monkeypatch, tmp_path):
    (tmp_path / "scrfd.onnx").write_bytes(b"any")
    monkeypatch.setattr(teachers, "session", lambda content: FakeScrfd())
    return Scrfd(tmp_path / "scrfd.onnx")


@pytest.mark.parametrize("scale", [1, 2])
def test_scrfd_answers_in_distances_from_its_cells(scrfd, scale):
    picture = np.zeros((480 * scale, 640 * scale, 3), np.uint8)
    (face,) = scrfd.detect_once(picture, 0.5)
    np.testing.assert_allclose(face.box, np.array(BOX) * scale, atol=1e-3)
    np.testing.assert_allclose(face.landmarks, np.array(FIVE) * scale, atol=1e-3)
    assert face.score == pytest.approx(0.8) and face.detector == "scrfd"
    assert scrfd.detect_once(picture, 0.9) == []


def test_scrfd_sees_the_picture_at_the_upper_left_as_red_green_blue(scrfd):
    scrfd.detect_once(np.full((10, 20, 3), (255, 127, 0), np.uint8), 0.5)
    seen = scrfd._session.picture
    np.testing.assert_allclose(seen[0, :, 5, 5], [127.5 / 128, -0.5 / 128, -127.5 / 128], atol=1e-6)
    assert seen.shape == (1, 3, 640, 640) and seen[0, 0, 11, 5] == pytest.approx(-127.5 / 128)


class FakeCenterFace:
    """A peak in the cell (32, 26) of four pixels."""

    def setInput(self, planes):  # noqa: N802 - as OpenCV calls it
        self.shape = planes.shape[2] // 4, planes.shape[3] // 4

    def getUnconnectedOutLayersNames(self):  # noqa: N802 - as OpenCV calls it
        return ("heat", "size", "offset", "points")

    def forward(self, names):
        heat, size, offset, points = (np.zeros((1, n, *self.shape), np.float32) for n in (1, 2, 2, 10))
        heat[0, 0, 26, 32] = 0.7
        width, height = BOX[2] - BOX[0], BOX[3] - BOX[1]
        size[0, :, 26, 32] = np.log(height / 4), np.log(width / 4)
        offset[0, :, 26, 32] = 104 / 4 - 26.5, 128 / 4 - 32.5  # y before x
        shares = (np.array(FIVE) - BOX[:2]) / (width, height)
        points[0, :, 26, 32] = shares[:, ::-1].ravel()
        return heat, size, offset, points


def test_centerface_answers_at_the_middle_of_a_face(monkeypatch, tmp_path):
    (tmp_path / "centerface.onnx").write_bytes(b"any")
    monkeypatch.setattr(teachers.cv2.dnn, "readNetFromONNX", lambda content: FakeCenterFace())
    (face,) = CenterFace(tmp_path / "centerface.onnx").detect_once(np.zeros((200, 300, 3), np.uint8), 0.5)
    np.testing.assert_allclose(face.box, BOX, atol=1e-3)
    np.testing.assert_allclose(face.landmarks, FIVE, atol=1e-3)
    assert face.score == pytest.approx(0.7)


def test_centerface_is_read_anew_for_each_size(monkeypatch, tmp_path):
    """OpenCV's network of one size, used for another, answers otherwise from then on."""
    (tmp_path / "centerface.onnx").write_bytes(b"any")
    read = []
    monkeypatch.setattr(
        teachers.cv2.dnn, "readNetFromONNX", lambda content: read.append(FakeCenterFace()) or read[-1]
    )
    teacher = CenterFace(tmp_path / "centerface.onnx")
    for shape in ((200, 300), (200, 300), (320, 200)):
        teacher.detect_once(np.zeros((*shape, 3), np.uint8), 0.5)
    assert len(read) == 3  # one to see whether it can be read


@pytest.mark.parametrize("name", sorted(TEACHERS))
def test_a_file_that_is_no_network_is_refused_by_name(tmp_path, name):
    (tmp_path / "bad.onnx").write_bytes(b"not a network")
    for path in (tmp_path / "bad.onnx", tmp_path / "absent.onnx"):
        with pytest.raises(DetectorError):
            TEACHERS[name](path)


def test_a_teacher_answers_for_a_whole_picture(scrfd):
    """Each of its looks sees the face at its own place there: boxes are moved to the picture's pixels."""
    found = scrfd(Frame(np.zeros((640, 640, 3), np.uint8)), 0.5)
    whole = [face for face in found if np.allclose(face.box, BOX, atol=1e-3)]
    assert len(whole) == 1 and len(found) > 1
    assert all(0 <= v <= 640 for face in found for v in face.box)
