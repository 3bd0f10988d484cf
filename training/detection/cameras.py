"""How cameras differ: light, colour, blur, noise and compression, drawn by chance."""

from __future__ import annotations

import cv2
import numpy as np


def as_another_camera(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A square (S, S, 3) uint8 RGB picture as another camera might have taken it."""
    if rng.random() < 0.8:
        gain, lift, gamma = rng.uniform(0.6, 1.4), rng.uniform(-35, 35), np.exp(rng.uniform(-0.35, 0.35))
        tint = rng.uniform(0.92, 1.08, 3)
        light = np.clip((np.arange(256)[:, None] - 110) * gain * tint + 110 + lift, 0, 255)
        picture = cv2.LUT(picture, (255 * (light / 255) ** gamma).astype(np.uint8)[:, None])
    if rng.random() < 0.5:
        grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        colour = 0.0 if rng.random() < 0.12 else rng.uniform(0.5, 1.4)
        picture = cv2.addWeighted(picture, colour, grey, 1 - colour, 0)
    if rng.random() < 0.25:
        side = picture.shape[0]
        small = round(side / rng.uniform(1.2, 2.5))
        picture = cv2.resize(cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA), (side, side))
    elif rng.random() < 0.1:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 1.5))
    if rng.random() < 0.15:
        # OpenCV, the fastest at it, has a generator of its own for each thread; begun here, noise is the same
        # in any. `spawn` leaves what is drawn after it as it is.
        cv2.setRNGSeed(int(rng.spawn(1)[0].integers(2**31)))
        noise = np.empty(picture.shape, np.int16)
        cv2.randn(noise, np.zeros(3), np.full(3, rng.uniform(2, 10)))
        picture = cv2.add(picture, noise, dtype=cv2.CV_8U)
    if rng.random() < 0.3:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 90))]
        picture = np.asarray(cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_COLOR))
    return picture
