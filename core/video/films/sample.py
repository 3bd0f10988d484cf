"""A film that is always there, made by code: the astronaut Eileen Collins twice, with masks drawn on."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from core.mask_rendering import sample_frame
from core.video.films.mp4 import MemoryFile, Mp4Writer
from core.video.films.reader import Facts, FilmSound

SIZE = (640, 360)  # width and height, pixels
SECONDS, RATE = 8, 25
_TAKEN_OFF = 4.0  # seconds into the film
_SOUND = 48_000  # samples a second


@cache
def sample_film() -> bytes:
    """MP4 of 8 seconds with sound: two people walk slowly; at 4 s the left one has no mask any more."""
    people = {name: sample_frame(name).rgb for name in ("worn_right", "no_mask", "nose_out")}
    memory = MemoryFile()
    writer = Mp4Writer(memory, Facts(SIZE, float(SECONDS), float(RATE), (_SOUND, 1), (1, 1)))
    for number in range(SECONDS * RATE):
        t = number / RATE
        left = people["worn_right" if t < _TAKEN_OFF else "no_mask"]
        writer.picture(cv2.cvtColor(_scene(left, people["nose_out"], t), cv2.COLOR_RGB2YUV_I420), t)
        writer.sound(FilmSound(_hum(number), t))
    writer.close()
    return bytes(memory.data)


def _scene(left: np.ndarray, right: np.ndarray, t: float) -> np.ndarray:
    """(H, W, 3) uint8: both before a wall, each some pixels further on every second."""
    width, height = SIZE
    scene = np.full((height, width, 3), (176, 184, 178), np.uint8)
    for person, x in ((left, 20 + 8 * t), (right[:, ::-1], 350 - 6 * t)):
        head = cv2.resize(person[:340, 80:380], (270, 306), interpolation=cv2.INTER_AREA)
        top, begin = height - 306, round(x)
        scene[top:, begin : begin + 270] = head
    return scene


def _hum(number: int) -> np.ndarray:
    """(N, 1) int16 of a quiet tone that goes on from picture to picture."""
    count = _SOUND // RATE
    at = np.arange(number * count, (number + 1) * count) / _SOUND
    return (1500 * np.sin(2 * np.pi * 220 * at)).astype(np.int16)[:, None]
