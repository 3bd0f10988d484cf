"""Bright squares are faces to a detector that writes down how large it saw the picture."""

import cv2
import numpy as np
import pytest

from bench import rivals as rivals_module
from bench.rivals import enlarged, rivals, shrunk
from core.detection.tiling import single_pass
from core.errors import DetectorError
from core.results import Detection, Frame

pytestmark = pytest.mark.alone


class Squares:
    operating_point, live_operating_point = 0.3, 0.6

    def __init__(self, name="yunet"):
        self.name = name
        self.looks = []

    def detect(self, frame, min_score=None, *, longest_side=None):
        return single_pass(frame, self._once, longest_side or 10_000)

    def _once(self, rgb):
        self.looks.append(rgb.shape[1::-1])
        _, _, stats, _ = cv2.connectedComponentsWithStats((rgb[..., 0] > 128).astype(np.uint8))
        return [Detection((x, y, x + w, y + h), 0.9, self.name) for x, y, w, h, _ in stats[1:].tolist()]


@pytest.fixture
def frame():
    rgb = np.zeros((60, 80, 3), np.uint8)
    rgb[20:40, 10:24] = 255
    return Frame(rgb)


def names(found):
    return [str(rival) for rival in found]


@pytest.mark.parametrize(
    ("ask", "seen"),
    [
        (lambda d: enlarged(d, 1), (80, 60)),
        (lambda d: enlarged(d, 2), (160, 120)),
        (lambda d: shrunk(d, 40), (40, 30)),
    ],
)
def test_however_large_it_is_seen_boxes_are_pixels_of_the_picture(frame, ask, seen):
    squares = Squares()
    (found,) = ask(squares)(frame, 0.5)
    assert squares.looks == [seen]
    assert found.box == pytest.approx((10, 20, 24, 40), abs=1)


def test_each_detector_is_asked_in_its_ways_at_its_operating_points(monkeypatch):
    monkeypatch.setattr(rivals_module, "load_detector", Squares)
    found = rivals(["yunet", "haar", "face_fpn"])
    assert names(found) == [
        *("yunet, single pass", "yunet, single pass, x2", "yunet, photo", "haar, photo"),
        *("face_fpn, photo", "face_fpn, live, 640", "face_fpn, live, 320"),
    ]
    assert [rival.operating_point for rival in found] == [0.3] * 5 + [0.6] * 2


def test_who_cannot_be_had_is_named_and_left_out(monkeypatch, capsys, tmp_path):
    def load(name):
        if name == "haar":
            raise DetectorError("no cascade here.")
        return Squares(name)

    monkeypatch.setattr(rivals_module, "load_detector", load)
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no graph")
    assert names(rivals(["haar", "ultraface", "yunet"], ultraface=broken))[-1] == "yunet, photo"
    assert names(rivals(["ultraface"], ultraface=tmp_path / "absent.onnx")) == []
    assert names(rivals(["ultraface"])) == []
    said = capsys.readouterr().out
    for reason in ("haar is left out: no cascade here.", "broken.onnx: cannot be read", "--ultraface ONNX"):
        assert reason in said
    assert said.count("ultraface is left out") == 3
