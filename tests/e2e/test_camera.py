"""The numbered film that stands for a visitor's camera: what the figures of the live page rest on."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser

from bench.camera import FPS, READ_COUNTER, WATCH_FRAMES, chromium_arguments, film
from bench.chromium import open_chromium
from bench.live_viewer import first_showings, latencies
from core.detection.haar import HaarDetector
from core.results import Frame

WATCH_CAMERA = f"""async () => {{
  const video = document.createElement('video');
  video.srcObject = await navigator.mediaDevices.getUserMedia({{video: true}});
  await video.play();
  const frames = [];
  ({WATCH_FRAMES})(video, frames);
  await new Promise(resolve => setTimeout(resolve, 1000));

  const copy = (source, mirrored) => {{
    const canvas = document.createElement('canvas');
    const [width, height] = [video.videoWidth, video.videoHeight];
    Object.assign(canvas, {{width, height, videoWidth: width, videoHeight: height}});
    const context = canvas.getContext('2d');
    if (mirrored) context.setTransform(-1, 0, 0, 1, width, 0);
    context.fillRect(0, 0, width, height);
    if (source) context.drawImage(source, 0, 0);
    return canvas;
  }};
  const read = {READ_COUNTER};
  const now = copy(video, false);
  return {{frames, now: read(now), mirrored: read(copy(now, true)), black: read(copy(null, false)),
          width: video.videoWidth}};
}}"""


@pytest.mark.parametrize(("width", "height"), [(640, 480), (320, 240)])
def test_the_numbers_come_back_in_turn_from_the_camera(browser: Browser, tmp_path, width, height):
    total = 4 * FPS  # longer than a busy machine stands still, else frames would be counted as one
    camera = film(tmp_path / "camera.mjpeg", faces=0, width=width, height=height, seconds=4)
    chromium = open_chromium(browser.browser_type, chromium_arguments(camera))
    try:
        page = chromium.new_page()
        # A page of no server, at an address where the camera is allowed.
        page.route("**/*", lambda route: route.fulfill(body="", content_type="text/html"))
        page.goto("http://localhost/")
        seen = page.evaluate(WATCH_CAMERA)
    finally:
        chromium.close()
    numbers, times = zip(*seen["frames"], strict=True)
    assert seen["width"] == width
    assert len(numbers) > 10  # of 30: a busy machine drops some
    steps = [(later - number) % total for number, later in itertools.pairwise(numbers)]
    assert sum(steps) == pytest.approx((times[-1] - times[0]) / 1000 * FPS, abs=6)  # as fast as the clock
    assert seen["mirrored"] == seen["now"] is not None
    assert seen["black"] is None


def frames(path):
    """The film's pictures, each (H, W, 3) uint8."""
    start = b"\xff\xd8\xff"
    for jpeg in path.read_bytes().split(start)[1:]:
        yield np.asarray(Image.open(io.BytesIO(start + jpeg)))


@pytest.mark.parametrize("faces", [0, 1, 5])
def test_faces_are_found_in_the_film(tmp_path, faces):
    first, *_ = frames(film(tmp_path / "camera.mjpeg", faces=faces, seconds=0.1, samples=["no_mask"]))
    assert len(HaarDetector().detect(Frame(first))) == faces


@pytest.mark.parametrize("still", [True, False])
def test_faces_sway_unless_they_are_still(tmp_path, still):
    first, *_, last = frames(film(tmp_path / "camera.mjpeg", seconds=1, still=still))
    assert (np.abs(first[:400].astype(int) - last[:400]).max() < 3) == still
    assert (first[440:] != last[440:]).any()  # their numbers differ


def test_latency_is_of_each_frame_that_came_to_both_ends_and_of_its_first_showing():
    camera = [(1, 0.0), (2, 33.0), (3, 66.0), (1, 20_000.0)]  # frame 1 again: the film has looped
    shown = [(1, 100.0), (1, 133.0), (3, 150.0), (None, 160.0), (1, 20_090.0), (7, 20_100.0)]
    assert first_showings(shown) == [(1, 100.0), (3, 150.0), (1, 20_090.0), (7, 20_100.0)]
    assert latencies(camera, shown) == [100.0, 84.0, 90.0]
