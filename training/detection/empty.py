"""Pictures without a face, made of images and of shapes: what a detector must not take for one."""

from __future__ import annotations

import cv2
import numpy as np

from training.detection.rows import FACE, AnnotatedImage

_FINEST = 3  # pixels of a block or shape
_LARGEST = 64  # pixels of a block
_BLOCKS_A_FACE = 3  # a face cut in so many pieces and shuffled is none


def without_faces(image: AnnotatedImage, width: int, height: int, rng: np.random.Generator) -> np.ndarray:
    """(height, width, 3) uint8: an image's pieces shuffled, or shapes on a ground, or many shaded balls."""
    kind = rng.random()
    if kind < 0.45:
        return shuffled(image, width, height, rng)
    picture = _clouds(width, height, rng) if kind < 0.75 else _texture(width, height, rng)
    if kind < 0.55:
        return _balls(picture, rng)
    return _shapes(picture, rng) if rng.random() < 0.75 else picture


def shuffled(image: AnnotatedImage, width: int, height: int, rng: np.random.Generator) -> np.ndarray:
    """Square blocks of an image in another order: its colours and edges, and no face that is whole."""
    full_height, full_width = image.rgb.shape[:2]
    scale = max(width / full_width, height / full_height)
    heights = (image.of_kind(FACE)[:, 3] - image.of_kind(FACE)[:, 1]) * scale
    block = int(np.clip(heights.min(initial=200) / _BLOCKS_A_FACE, _FINEST, _LARGEST))
    columns, rows = -(-width // block), -(-height // block)
    picture = cv2.resize(image.rgb, (columns * block, rows * block), interpolation=cv2.INTER_AREA)
    blocks = picture.reshape(rows, block, columns, block, 3).swapaxes(1, 2).reshape(-1, block, block, 3)
    mixed = rng.permutation(blocks).reshape(rows, columns, block, block, 3).swapaxes(1, 2)
    return np.ascontiguousarray(mixed.reshape(rows * block, columns * block, 3)[:height, :width])


def _clouds(width: int, height: int, rng: np.random.Generator) -> np.ndarray:
    """Soft colours, of a few spots or of many."""
    grain = int(rng.choice([1, 2, 4, 12, 40, 120]))
    spots = rng.integers(0, 256, (grain, grain, 3)).astype(np.uint8)
    how = rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST])
    ground = cv2.resize(spots, (width, height), interpolation=int(how))
    calm = np.full_like(ground, rng.integers(0, 256, 3))
    return cv2.addWeighted(ground, share := rng.uniform(0.1, 1), calm, 1 - share, 0)


def _texture(width: int, height: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of many scales, as stone, leaves and cloth have it; soft, or in patches with edges."""
    octaves = 2 ** np.arange(1, 9)
    shares = octaves ** -rng.uniform(0, 1.2) * (rng.random(len(octaves)) < 0.7)
    noise = np.zeros((height, width, 3), np.float32)
    for octave, share in zip(octaves, shares, strict=True):
        spots = rng.standard_normal((octave, octave, 3), np.float32)
        spots += rng.uniform(0, 6) * spots[..., :1]  # less colourful
        noise += np.float32(share) * cv2.resize(spots, (width, height), interpolation=cv2.INTER_CUBIC)
    noise = np.tanh(noise / (noise.std() + 1e-6) * np.float32(np.exp(rng.uniform(-1, 2))))
    colour = rng.uniform(50, 205) + rng.normal(0, 25, 3)
    return np.asarray(np.clip(colour + rng.uniform(15, 100) * noise, 0, 255), np.uint8)


def _balls(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shaded balls, heaped or strewn, all of much the same size: stones, fruit, cells, lamps at night."""
    height, width = picture.shape[:2]
    side = float(np.exp(rng.uniform(np.log(6), np.log(90))))
    count = int(min(400, rng.uniform(0.2, 4) * width * height / side**2))
    light, colours = rng.uniform(-0.3, 0.3, 2), _colours(3, rng)
    for x, y in rng.uniform(0, 1, (count, 2)) * (width, height):
        radius = side * rng.uniform(0.3, 0.7)
        axes = (max(1, round(radius)), max(1, round(radius * rng.uniform(0.6, 1))))
        turn, colour = float(rng.uniform(0, 180)), colours[rng.integers(3)] * rng.uniform(0.5, 1.2)
        for step in (1.0, 0.75, 0.5, 0.25):  # darker rims under a light from one side
            at = round(x + light[0] * radius * (1 - step)), round(y + light[1] * radius * (1 - step))
            lit = np.clip(colour * (1.5 - step), 0, 255).tolist()
            within = tuple(max(1, round(a * step)) for a in axes)
            cv2.ellipse(picture, at, within, turn, 0, 360, lit, -1, cv2.LINE_AA)
    return picture


def _shapes(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Ellipses, rings, boxes, lines and letters, strewn or in rows; each may hold smaller ones."""
    height, width = picture.shape[:2]
    side = float(np.exp(rng.uniform(np.log(6), np.log(max(8, min(height, width) / 2)))))
    if rng.random() < 0.5:
        step = side * rng.uniform(1.1, 2)
        places = np.mgrid[side / 2 : height : step, side / 2 : width : step].reshape(2, -1).T[:120, ::-1]
    else:
        places = rng.uniform(0, 1, (rng.integers(1, 40), 2)) * (width, height)
    kinds = rng.integers(0, 5, 2)  # few kinds a picture, as a shelf or a wall has
    colours = _colours(4, rng).tolist()
    for x, y in places:
        size = max(_FINEST, side * rng.uniform(0.7, 1.2))
        _shape(picture, kinds[0], (x, y), size, colours[rng.integers(2)], rng)
        for _ in range(rng.integers(0, 4)):
            inner = np.array([x, y]) + rng.uniform(-0.25, 0.25, 2) * size
            _shape(picture, kinds[1], inner, size * rng.uniform(0.1, 0.35), colours[rng.integers(2, 4)], rng)
    return picture


def _colours(count: int, rng: np.random.Generator) -> np.ndarray:
    """(count, 3) RGB, from greys and skin to paint."""
    spread = np.exp(rng.uniform(np.log(5), np.log(90)))
    return np.asarray(np.clip(rng.uniform(10, 245, (count, 1)) + rng.normal(0, spread, (count, 3)), 0, 255))


def _shape(
    picture: np.ndarray,
    kind: int,
    centre: tuple[float, float] | np.ndarray,
    size: float,
    colour: list[float],
    rng: np.random.Generator,
) -> None:
    x, y = (round(float(v)) for v in centre)
    half = max(1, round(size / 2))
    thick = int(rng.choice([-1, -1, max(1, half // 5)]))
    if kind <= 1:
        axes = (half, max(1, round(half * rng.uniform(0.6, 1.4))))
        cv2.ellipse(picture, (x, y), axes, float(rng.uniform(0, 180)), 0, 360, colour, thick, cv2.LINE_AA)
    elif kind == 2:
        cv2.rectangle(picture, (x - half, y - half), (x + half, y + half), colour, thick)
    elif kind == 3:
        end = (x + round(float(rng.uniform(-2, 2)) * half), y + round(float(rng.uniform(-2, 2)) * half))
        cv2.line(picture, (x, y), end, colour, max(1, half // 4), cv2.LINE_AA)
    else:
        letter = chr(int(rng.integers(33, 127)))
        cv2.putText(picture, letter, (x - half, y + half), int(rng.integers(0, 8)), size / 22, colour, 1)
