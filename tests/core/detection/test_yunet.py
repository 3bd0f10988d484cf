import hashlib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import numpy as np
import pytest

from core import settings
from core.detection import face_fpn, yunet
from core.detection.haar import HaarDetector
from core.detection.registry import load_detector, offers
from core.detection.yunet import NotFetchedError, YuNetDetector, find_yunet
from core.errors import DetectorError
from core.models import installed
from core.results import Frame

CONTENT = b"weights of a pretend network"


@pytest.fixture(autouse=True)
def own_surroundings(monkeypatch, tmp_path):
    """No weights from this machine, no network, and a checksum that `CONTENT` has."""
    for name in (settings.YUNET.name, settings.OFFLINE.name):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(yunet, "URL", "http://127.0.0.1:9/nothing-listens-here")
    monkeypatch.setattr(yunet, "SHA256", hashlib.sha256(CONTENT).hexdigest())


@pytest.fixture
def zoo():
    """A server that counts requests and answers with `body`."""

    class Handler(BaseHTTPRequestHandler):
        body, status, requests = CONTENT, 200, 0

        def do_GET(self):
            Handler.requests += 1
            self.send_response(Handler.status)
            self.end_headers()
            self.wfile.write(Handler.body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Handler.url = f"http://127.0.0.1:{server.server_port}/yunet.onnx"
    yield Handler
    server.shutdown()
    server.server_close()


def test_fetched_once_then_kept(zoo, tmp_path):
    assert find_yunet(url=zoo.url) == CONTENT
    assert find_yunet(url=zoo.url) == CONTENT
    assert zoo.requests == 1
    assert [p.name for p in (tmp_path / "cache" / "maskwise").iterdir()] == [yunet.FILE_NAME]


def test_a_path_by_the_user_comes_first(zoo, tmp_path, monkeypatch):
    mine = tmp_path / "mine.onnx"
    mine.write_bytes(CONTENT)
    monkeypatch.setenv(settings.YUNET.name, str(mine))
    assert find_yunet(url=zoo.url) == CONTENT
    assert zoo.requests == 0


def test_what_is_not_the_published_file_is_refused_and_not_kept(zoo, tmp_path):
    zoo.body = b"<html>Please log in</html>"
    with pytest.raises(DetectorError, match="sha256 differs"):
        find_yunet(url=zoo.url)
    assert not (tmp_path / "cache").exists()


def test_a_missing_page_is_named(zoo):
    zoo.status = 404
    with pytest.raises(DetectorError, match="404"):
        find_yunet(url=zoo.url)


def test_a_cache_that_cannot_be_written_costs_nothing_but_the_next_download(zoo, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert find_yunet(url=zoo.url) == CONTENT


@pytest.mark.parametrize("how", ["offline", "missing file"])
def test_without_weights_it_is_not_offered_and_says_why(how, monkeypatch, tmp_path):
    if how == "offline":
        monkeypatch.setenv(settings.OFFLINE.name, "1")
    if how == "missing file":
        monkeypatch.setenv(settings.YUNET.name, str(tmp_path / "nothing.onnx"))
    by_name = {offer.name: offer.unavailable for offer in offers()}
    assert by_name["haar"] is None
    assert "YuNet is not offered" in by_name["yunet"] and settings.YUNET.name in by_name["yunet"]
    with pytest.raises(DetectorError, match="YuNet is not offered"):
        load_detector("yunet")


def test_it_is_fetched_where_nothing_better_is_at_hand(zoo, tmp_path, monkeypatch):
    monkeypatch.setattr(yunet, "URL", zoo.url)
    monkeypatch.setattr(installed, "SHIPPED", tmp_path)  # where no better detector is
    with pytest.raises(NotFetchedError):
        find_yunet(fetch=False)
    assert zoo.requests == 0
    offers()
    assert zoo.requests == 1
    assert find_yunet(fetch=False) == CONTENT


def test_only_choosing_it_fetches_it_where_ours_is_installed(zoo, monkeypatch):
    monkeypatch.setattr(yunet, "URL", zoo.url)
    monkeypatch.setattr(face_fpn, "installed_card", lambda _: None)
    monkeypatch.setattr(face_fpn, "load", lambda _: HaarDetector())
    listed = [offer for offer in offers() if offer.name != "face_fpn_open"]
    assert [offer.name for offer in listed] == ["face_fpn", "haar", "yunet"]
    assert "fetched" in listed[2].summary
    load_detector()
    assert zoo.requests == 0


def test_chosen_without_a_network_it_says_why():
    with pytest.raises(DetectorError, match="could not be fetched"):
        load_detector("yunet")


def test_weights_that_opencv_cannot_read_are_a_detector_error(tmp_path, monkeypatch):
    monkeypatch.setenv(settings.YUNET.name, str(tmp_path / "w"))
    (tmp_path / "w").write_bytes(CONTENT)
    with pytest.raises(DetectorError, match="YuNet is not offered"):
        load_detector("yunet")


def test_columns_become_a_detection(monkeypatch):
    class Network:
        def setInputSize(self, size):  # noqa: N802 - the library's name
            self.size = size

        def setScoreThreshold(self, score):  # noqa: N802 - the library's name
            assert score == 0.05

        def detect(self, bgr):
            assert bgr.shape[1::-1] == self.size and tuple(bgr[0, 0]) == (3, 2, 1)
            return 1, np.array([[10, 20, 30, 40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0.75]], np.float32)

    monkeypatch.setattr(yunet.cv2.FaceDetectorYN, "create", lambda *_: Network())
    rgb = np.empty((1280, 1280, 3), np.uint8)
    rgb[:] = (1, 2, 3)
    found = [d for d in YuNetDetector(b"x").detect(Frame(rgb), 0.05) if d.box == (10, 20, 40, 60)]
    assert found[0].score == pytest.approx(0.75)
    assert found[0].landmarks == ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10))


def test_one_look_is_one_small_picture_and_the_same_face(monkeypatch):
    class Network:
        sizes: ClassVar[list[tuple[int, int]]] = []

        def setInputSize(self, size):  # noqa: N802 - the library's name
            self.sizes.append(size)

        def setScoreThreshold(self, score):  # noqa: N802 - the library's name
            pass

        def detect(self, bgr):
            x, y, w, h = np.array([0.25, 0.5, 0.125, 0.25]) * bgr.shape[1]
            return 1, np.array([[x, y, w, h, *[x] * 10, 0.75]], np.float32)

    monkeypatch.setattr(yunet.cv2.FaceDetectorYN, "create", lambda *_: Network())
    frame = Frame(np.zeros((1280, 1280, 3), np.uint8))
    (found,) = YuNetDetector(b"x").detect(frame, 0.05, longest_side=640)
    assert Network.sizes == [(640, 640)]
    assert found.box == (320, 640, 480, 960) and found.landmarks[0] == (320, 320)
