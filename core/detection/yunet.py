"""YuNet through OpenCV (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023; MIT licence).

Its weights are not ours to ship: they are taken from a path the user gives, else from the user's cache,
else, when somebody chooses YuNet, fetched once from OpenCV's model zoo and checked.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
from pathlib import Path

import cv2
import numpy as np
import urllib3

from core import settings
from core.detection.tiling import single_pass, tiled_inference
from core.errors import DetectorError
from core.results import Detection, Frame

URL = "https://github.com/opencv/opencv_zoo/raw/main/models/face_detection_yunet/face_detection_yunet_2023mar.onnx"
SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
FILE_NAME = "face_detection_yunet_2023mar.onnx"
MAX_BYTES = 2**20  # the file is 232,589 bytes; a page in its place may be anything
_TOP_K = 1000  # candidates a pass before NMS: more than a crowd has
_NMS_IOU = 0.3  # OpenCV's own default for this network


def cache_folder() -> Path:
    """Where this user's downloads are kept: $XDG_CACHE_HOME/maskwise, or ~/.cache/maskwise."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "maskwise"


class NotFetchedError(DetectorError):
    """The weights are not on this machine, and may be fetched."""


def find_yunet(path: Path | None = None, *, url: str | None = None, fetch: bool = True) -> bytes:
    """The ONNX bytes, sha256 checked: from `path` or $MASKWISE_YUNET, else the cache, else the network.

    Raises `DetectorError` that says why YuNet is not offered and what to do; `NotFetchedError` when only the
    network has them and `fetch` is off.
    """
    given = path or settings.YUNET.get()
    if given:
        return _read_checked(given)
    kept = cache_folder() / FILE_NAME
    if os.path.isfile(kept):  # noqa: PTH113 - says no where the folder may not be looked into
        return _read_checked(kept)
    if settings.OFFLINE.get():
        raise DetectorError(
            f"YuNet is not offered: {settings.OFFLINE.name} is set and {kept} does not exist. {_REMEDY}"
        )
    if not fetch:
        raise NotFetchedError("Its weights (232 KB) are fetched when it is first chosen.")
    content = _fetch(url or URL)
    _keep(content, kept)
    return content


_REMEDY = f"Download {URL} and point {settings.YUNET.name} at it."


def _check(content: bytes, origin: str) -> bytes:
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise DetectorError(
            f"YuNet is not offered: {origin} is not the published file (sha256 differs). Delete it. {_REMEDY}"
        )
    return content


def _read_checked(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES)
    except OSError as problem:
        raise DetectorError(
            f"YuNet is not offered: {path} cannot be read ({problem.strerror}). {_REMEDY}"
        ) from None
    return _check(content, str(path))


def _fetch(url: str) -> bytes:
    # Two seconds to connect: without a network the app must start all the same.
    http = urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=2, read=10), retries=urllib3.Retry(total=3, connect=0)
    )
    try:
        response = http.request("GET", url, preload_content=False, headers={"User-Agent": "Maskwise"})
        content = response.read(MAX_BYTES)
        response.release_conn()
    except urllib3.exceptions.HTTPError as problem:
        raise DetectorError(
            f"YuNet is not offered: its weights are not on this machine and could not be fetched "
            f"({type(problem).__name__}). {_REMEDY}"
        ) from None
    if response.status != 200:
        raise DetectorError(f"YuNet is not offered: {url} answered {response.status}. {_REMEDY}")
    return _check(content, url)


def _keep(content: bytes, path: Path) -> None:
    """Keep for the next start. A cache that cannot be written costs a download a start, not the answer."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    except OSError:
        return


class YuNetDetector:
    """See `core.detection.registry.FaceDetector`. OpenCV's keeps state between calls, hence the lock."""

    name = "yunet"
    operating_point = 0.7  # in 554 photos of crowds recall .75 at precision .84; .6 gives .78 at .78
    live_operating_point = operating_point

    def __init__(self, onnx: bytes) -> None:
        try:
            self._network = cv2.FaceDetectorYN.create(
                "onnx",
                np.frombuffer(onnx, np.uint8),
                np.empty(0, np.uint8),
                (320, 320),
                self.operating_point,
                _NMS_IOU,
                _TOP_K,
            )
        except cv2.error:
            raise DetectorError(
                f"YuNet is not offered: this OpenCV ({cv2.__version__}) cannot read its weights. "
                "Install the version that requirements.txt names."
            ) from None
        self._lock = threading.Lock()

    def detect(
        self, frame: Frame, min_score: float | None = None, *, longest_side: int | None = None
    ) -> tuple[Detection, ...]:
        least = self.operating_point if min_score is None else min_score
        if longest_side is not None:
            return single_pass(frame, lambda rgb: self._detect_once(rgb, least), longest_side)
        return tiled_inference(frame, lambda rgb: self._detect_once(rgb, least))

    def _detect_once(self, rgb: np.ndarray, min_score: float) -> list[Detection]:
        height, width = rgb.shape[:2]
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        with self._lock:
            self._network.setInputSize((width, height))
            self._network.setScoreThreshold(min_score)
            _, rows = self._network.detect(bgr)
        # A row is x, y, w, h, then five points (x, y), then the score.
        return [
            Detection(
                box=(float(r[0]), float(r[1]), float(r[0]) + float(r[2]), float(r[1]) + float(r[3])),
                score=float(r[14]),
                detector=self.name,
                landmarks=tuple((float(x), float(y)) for x, y in r[4:14].reshape(5, 2)),
            )
            for r in (rows if rows is not None else ())
        ]
