"""A film that Chromium plays as its camera, each frame numbered in a way that a program can read.

The frame's number is painted as twelve squares in a strip below the faces: white, ten bits with the
highest first, black. Read where the camera delivers a frame and where the page shows it, the number gives
the latency, and the frames that never came. It outlives JPEG and VP8, scaling and mirroring.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np

from core.images import to_jpeg
from core.mask_rendering import sample_frame

FPS = 30  # Chromium plays every MJPEG at this rate; the file itself names none
BITS = 10
MAX_FACES = 6  # two rows of three; at 640 x 480 a face is 115 pixels high to YuNet
SAMPLES = ("no_mask", "worn_right", "nose_out", "below_mouth")

_WIDTH, _HEIGHT = 640, 480  # what the pixels below refer to; other sizes are this picture scaled
_SQUARE = 40  # pixels
_STRIP_LEFT = (_WIDTH - (BITS + 2) * _SQUARE) // 2  # centred, so that mirroring leaves it in place
_STRIP_TOP = _HEIGHT - _SQUARE
_HEAD_TOP, _HEAD_LEFT, _HEAD_HEIGHT, _HEAD_WIDTH = 24, 142, 190, 160  # in the sample, with hair and collar
_SWAY = 25  # pixels to either side; with the period below at most 31 pixels a second
_PERIOD_S = 5  # a divisor of the usual 20 s, so that the film loops without a jump
_QUALITY = 85  # 20 s at 640 x 480 are then under 25 MB

READ_COUNTER = """(() => {
  const squares = %d, pixels = 4;
  const canvas = document.createElement('canvas');
  canvas.width = squares * pixels;
  canvas.height = pixels;
  const context = canvas.getContext('2d', {willReadFrequently: true});
  return video => {
    if (!video.videoWidth) return null;
    const scale = video.videoWidth / %d, side = %d * scale;
    context.drawImage(video, %d * scale, video.videoHeight - side, squares * side, side,
                      0, 0, canvas.width, pixels);
    const {data} = context.getImageData(0, 0, canvas.width, pixels);
    // Green, of a pixel in the middle of each square.
    const light = Array.from({length: squares}, (_, i) => data[((2 * squares + i) * pixels + 2) * 4 + 1]);
    if (light[0] < light[squares - 1]) light.reverse();  // a mirrored picture
    if (light[0] < 160 || light[squares - 1] > 96) return null;
    return light.slice(1, -1).reduce((number, level) => 2 * number + (level > 128), 0);
  };
})()""" % (BITS + 2, _WIDTH, _SQUARE, _STRIP_LEFT)  # noqa: UP031 - JavaScript is full of braces
"""JavaScript: a function (video) that returns the number of the frame it shows, or null."""

WATCH_FRAMES = f"""(() => {{
  const read = {READ_COUNTER};
  return (video, frames) => {{
    const shown = now => {{
      frames.push([read(video), performance.timeOrigin + now]);
      video.requestVideoFrameCallback(shown);
    }};
    video.requestVideoFrameCallback(shown);
  }};
}})()"""
"""JavaScript: a function (video, frames) that adds [number or null, ms] to `frames` for each frame shown."""


def film(
    path: Path,
    *,
    faces: int = 1,
    width: int = 640,
    height: int = 480,
    seconds: float = 20,
    still: bool = False,
    numbered: bool = True,
    samples: Sequence[str] = SAMPLES,
) -> Path:
    """Write the MJPEG and return its path: 0 to 6 faces in a grey room, swaying unless `still`.

    `samples` are names of `core.mask_rendering.samples.SAMPLES`, given to the faces in turn. Chromium plays
    the film again and again. It must be longer than the longest latency that is to be measured; 34 s have
    a number each.
    """
    frames = round(seconds * FPS)
    if not 0 <= faces <= MAX_FACES:
        raise ValueError(f"a film has 0 to {MAX_FACES} faces, got {faces}")
    if not 1 <= frames <= 2**BITS:
        raise ValueError(f"a film has 1 to {2**BITS} frames, got {frames}")
    heads = [_head(name) for name in islice(cycle(samples), faces)]
    with path.open("wb") as file:
        for number in range(frames):
            picture = _room()
            for i, head in enumerate(heads):
                _place(picture, head, _centre(i, faces, 0 if still else number / FPS))
            if numbered:
                _paint(picture, number)
            if (width, height) != (_WIDTH, _HEIGHT):
                picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
            file.write(to_jpeg(picture, quality=_QUALITY))
    return path


def chromium_arguments(film: Path) -> list[str]:
    """Flags of a Chromium whose camera shows `film` and is granted to every page."""
    return [
        "--no-sandbox",  # containers run as root
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film.resolve()}",
        "--allow-loopback-in-peer-connection",  # else WebRTC finds no way on a machine without a network
    ]


def _room() -> np.ndarray:
    """(480, 640, 3) uint8: a grey wall, a little darker towards the floor."""
    wall = np.linspace(190, 150, _HEIGHT).astype(np.uint8)
    return np.broadcast_to(wall[:, None, None], (_HEIGHT, _WIDTH, 3)).copy()


def _head(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The sample's head and how opaque each pixel is, 0 to 1: an oval with a soft edge."""
    rgb = sample_frame(name).rgb
    head = rgb[_HEAD_TOP : _HEAD_TOP + _HEAD_HEIGHT, _HEAD_LEFT : _HEAD_LEFT + _HEAD_WIDTH]
    oval = np.zeros(head.shape[:2], np.float32)
    centre, axes = (_HEAD_WIDTH // 2, _HEAD_HEIGHT // 2), (_HEAD_WIDTH // 2 - 8, _HEAD_HEIGHT // 2 - 8)
    cv2.ellipse(oval, centre, axes, 0, 0, 360, 1.0, cv2.FILLED)
    return head.astype(np.float32), cv2.GaussianBlur(oval, (0, 0), 3)[:, :, None]


def _centre(i: int, faces: int, seconds: float) -> tuple[int, int]:
    """Where face `i` of `faces` is at a time: on a grid above the strip, each out of step with the others."""
    rows = 1 if faces <= 2 else 2
    columns = math.ceil(faces / rows)
    sway = _SWAY * math.sin(2 * math.pi * (seconds / _PERIOD_S + i / MAX_FACES))
    x = (i % columns + 0.5) * _WIDTH / columns + sway
    return round(x), round((i // columns + 0.5) * _STRIP_TOP / rows)


def _place(picture: np.ndarray, head: tuple[np.ndarray, np.ndarray], centre: tuple[int, int]) -> None:
    """Blend the head into the picture, in place."""
    rgb, opaque = head
    left, top = centre[0] - _HEAD_WIDTH // 2, centre[1] - _HEAD_HEIGHT // 2
    part = picture[top : top + _HEAD_HEIGHT, left : left + _HEAD_WIDTH]
    part[:] = part + opaque * (rgb - part)


def _paint(picture: np.ndarray, number: int) -> None:
    """Paint the number's squares into the strip, in place."""
    bits = [1, *(number >> shift & 1 for shift in reversed(range(BITS))), 0]
    strip = np.repeat(np.array(bits, np.uint8) * 255, _SQUARE)
    picture[_STRIP_TOP:, _STRIP_LEFT : _STRIP_LEFT + len(strip)] = strip[None, :, None]
