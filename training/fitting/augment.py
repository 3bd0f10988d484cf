"""What the same picture may look like, taken otherwise: light, colour, blur, few pixels, noise, JPEG.

A classifier's faces are tilted, moved and partly hidden besides; a detector's tiles stay where they are, as
their boxes do. Ranges are those of the photos people take: phones at a door, crowds, dim corridors,
messengers' JPEG.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np


def augment_face(
    crop: np.ndarray,
    size: int,
    rng: np.random.Generator,
    strength: Literal["strong", "gentle"] = "strong",
    other: np.ndarray | None = None,
) -> np.ndarray:
    """(size, size, 3) uint8 from a crop (S, S, 3) uint8 RGB; the label stays true. Some 1 ms at 128 px.

    "gentle" moves the face and changes the light only: for questions whose answer blur and grain would hide.
    A part of `other`, another crop of that shape, may come in front of all but the face.
    """
    if other is not None and strength == "strong" and rng.random() < 0.3:
        crop = _crowded(crop, other, rng)
    image = _moved(crop, size, rng)
    if strength == "gentle":
        return np.asarray(np.clip(_lit(image.astype(np.float32), rng), 0, 255), np.uint8)
    if rng.random() < 0.35:
        # A face far away, enlarged again as `core.images.to_input` does
        side = round(np.exp(rng.uniform(np.log(16), np.log(80))))
        image = _few_pixels(image, side, cv2.INTER_LINEAR if rng.random() < 0.7 else cv2.INTER_CUBIC)
    if rng.random() < 0.2:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 2.2) * size / 128)
    if rng.random() < 0.1:
        image = _shaken(image, rng)
    values = _lit(image.astype(np.float32), rng)
    if rng.random() < 0.08:
        values = values[..., rng.permutation(3)]  # a mask may have any colour
    if rng.random() < 0.3:
        values += _noise(values.shape, rng)
    if rng.random() < 0.12:
        _cover(values, rng)
    image = np.clip(values, 0, 255).astype(np.uint8)
    return _compressed(image, int(rng.uniform(25, 95))) if rng.random() < 0.4 else image


def augment_tile(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(S, S, 3) uint8 RGB as another camera might have taken it; nothing in it moves."""
    if rng.random() < 0.8:
        gain, lift, gamma = rng.uniform(0.6, 1.4), rng.uniform(-35, 35), np.exp(rng.uniform(-0.35, 0.35))
        if rng.random() < 0.08:  # night
            gain, lift = rng.uniform(0.2, 0.6), rng.uniform(-60, -20)
        tint = rng.uniform(0.92, 1.08, 3)
        light = np.clip((np.arange(256)[:, None] - 110) * gain * tint + 110 + lift, 0, 255)
        picture = cv2.LUT(picture, (255 * (light / 255) ** gamma).astype(np.uint8)[:, None])
    if rng.random() < 0.5:
        grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        colour = 0.0 if rng.random() < 0.12 else rng.uniform(0.5, 1.4)
        picture = cv2.addWeighted(picture, colour, grey, 1 - colour, 0)
    if rng.random() < 0.25:
        picture = _few_pixels(picture, round(len(picture) / rng.uniform(1.2, 2.5)), cv2.INTER_LINEAR)
    elif rng.random() < 0.1:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 1.5))
    elif rng.random() < 0.06:
        picture = _shaken(picture, rng)
    if rng.random() < 0.15:
        # OpenCV, the fastest at it, has a generator of its own for each thread; begun here, noise is the same
        # in any. `spawn` leaves what is drawn after it as it is.
        cv2.setRNGSeed(int(rng.spawn(1)[0].integers(2**31)))
        noise = np.empty(picture.shape, np.int16)
        cv2.randn(noise, np.zeros(3), np.full(3, rng.uniform(2, 10)))
        picture = cv2.add(picture, noise, dtype=cv2.CV_8U)
    return _compressed(picture, int(rng.integers(30, 90))) if rng.random() < 0.3 else picture


def _crowded(crop: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Something of another photo before the neck or beside the face, as heads, collars and scarves are."""
    side = crop.shape[0]
    # Coarse, as a soft outline is all that it needs; 0 to 1 across and down the crop
    y, x = np.mgrid[: side // 2, : side // 2].astype(np.float32) / (side // 2)
    bow, tilt, centre = rng.uniform(-0.4, 1), rng.normal(0, 0.2), rng.uniform(0, 1)
    if rng.random() < 0.6:  # from the chin down: a box of a face fills two thirds of its crop
        depth: np.ndarray = y - rng.uniform(0.8, 0.97) - (bow * (x - centre) + tilt) * (x - centre)
    else:
        across = x if rng.random() < 0.5 else 1 - x
        depth = rng.uniform(0.08, 0.24) - (bow * (y - centre) + tilt) * (y - centre) - across
    soft = np.clip(depth * (side / rng.uniform(1, 5)) + 0.5, 0, 1).astype(np.float32)
    alpha = cv2.resize(soft, (side, side), interpolation=cv2.INTER_LINEAR)[..., None]
    place = rng.uniform(0.2, 0.8, 2) * side
    matrix = cv2.getRotationMatrix2D((place[0], place[1]), rng.uniform(-180, 180), rng.uniform(1, 2.5))
    thing: np.ndarray = cv2.warpAffine(other, matrix, (side, side), borderMode=cv2.BORDER_REFLECT).astype(
        np.float32
    )
    if rng.random() < 0.5:
        thing = cv2.GaussianBlur(thing, (0, 0), rng.uniform(1, 8))
    if rng.random() < 0.3:
        thing *= np.float32(rng.uniform(0.1, 0.7))
    return np.asarray(crop * (1 - alpha) + thing * alpha + 0.5, np.uint8)


def _moved(crop: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Tilted, scaled, shifted and mirrored: a detector's box is never quite the same."""
    side = crop.shape[0]
    scale = np.exp(rng.normal(0, 0.12)) * size / side
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), rng.normal(0, 10), scale)
    matrix[:, 2] += size / 2 - side / 2 + rng.normal(0, 0.04, 2) * size
    if rng.random() < 0.5:
        crop = np.ascontiguousarray(crop[:, ::-1])
    if scale < 1:  # an affine warp samples points: without this, shrinking would alias
        crop = cv2.GaussianBlur(crop, (0, 0), 0.4 / scale)
    return cv2.warpAffine(crop, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE)


def _few_pixels(image: np.ndarray, side: int, how: int) -> np.ndarray:
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, image.shape[1::-1], interpolation=how)


def _shaken(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Motion blur along a line through the middle, so that nothing moves on the whole."""
    length = int(rng.choice([3, 5, 7, 9]))
    kernel = np.zeros((length, length), np.float32)
    start = int(rng.integers(length))
    ends = (start, 0), (length - 1 - start, length - 1)
    cv2.line(kernel, *ends, 1.0)
    return cv2.filter2D(image, -1, (kernel.T if rng.random() < 0.5 else kernel) / kernel.sum())


def _lit(values: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Exposure, contrast, colour of the light, and how colourful: down to grey."""
    if rng.random() < 0.8:
        values = 255 * (values / 255) ** np.float32(np.exp(rng.normal(0, 0.3)))
        mean = values.mean()
        contrast, brightness = np.exp(rng.normal(0, 0.2)), np.exp(rng.normal(0, 0.15))
        values = (values - mean) * np.float32(contrast) + mean * np.float32(brightness)
        values *= np.exp(rng.normal(0, 0.08, 3)).astype(np.float32)
    if rng.random() < 0.5:
        grey = values.mean(axis=2, keepdims=True)
        values = grey + (values - grey) * np.float32(rng.uniform(0, 1.5))
    return values


def _noise(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    channels = 3 if rng.random() < 0.5 else 1
    return rng.standard_normal((*shape[:2], channels), np.float32) * np.float32(rng.uniform(1, 12))


def _cover(values: np.ndarray, rng: np.random.Generator) -> None:
    """Something small in front, anywhere, in place."""
    size = values.shape[0]
    x, y = rng.integers(0, size, 2)
    width, height = (rng.uniform(0.08, 0.3, 2) * size).astype(int)
    values[y : y + height, x : x + width] = rng.uniform(0, 255, 3)


def _compressed(image: np.ndarray, quality: int) -> np.ndarray:
    """JPEG artefacts. The codec takes the channels in any order as long as it gives them back in the same."""
    _, jpeg = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
