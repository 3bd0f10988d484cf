"""AIZOO's detector of faces with and without masks (2020, MIT licence): one network of 260 x 260 pixels.

Its weights, a TFLite file of two outputs, are the user's to fetch.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import tensorflow as tf

from bench.pipeline.programs import Program, SeenFace
from core.detection import nms_faces
from core.images import read_image
from core.results import Detection

SIDE, SCORE = 260, 0.5  # its authors' own
_MAPS = (33, 17, 9, 5, 3)
_SIZES = ((0.04, 0.056), (0.08, 0.11), (0.16, 0.22), (0.32, 0.45), (0.64, 0.72))  # of the picture
_RATIOS = (1, 0.62, 0.42)  # width by height
_VARIANCES = (0.1, 0.1, 0.2, 0.2)
_MASKED = 0  # of the two classes


def aizoo(path: Path) -> Iterator[Program]:
    network = tf.lite.Interpreter(str(path), num_threads=os.cpu_count() or 1)
    network.allocate_tensors()
    (given,) = network.get_input_details()
    places, classes = sorted(network.get_output_details(), key=lambda output: -int(output["shape"][-1]))
    centres = anchors()

    def answer(content: bytes) -> list[SeenFace]:
        rgb = read_image(content).rgb
        network.set_tensor(given["index"], cv2.resize(rgb, (SIDE, SIDE))[None].astype(np.float32) / 255)
        network.invoke()
        said = network.get_tensor(classes["index"])[0]
        kept = said.max(axis=1) >= SCORE
        boxes = decode(network.get_tensor(places["index"])[0][kept], centres[kept])
        size = np.tile((rgb.shape[1], rgb.shape[0]), 2)
        masked = {}
        for box, one in zip((boxes * size).tolist(), said[kept], strict=True):
            masked[Detection(tuple(box), float(one.max()), "aizoo")] = bool(one.argmax() == _MASKED)
        return [SeenFace(face.box, masked[face]) for face in nms_faces(list(masked))]

    yield Program("AIZOO", answer)


def anchors() -> np.ndarray:
    """(5972, 4) centre, width and height, as shares of the picture."""
    rows = []
    for cells, (size, next_size) in zip(_MAPS, _SIZES, strict=True):
        shapes = [(s, s) for s in (size, next_size)]
        shapes += [(size * ratio**0.5, size / ratio**0.5) for ratio in _RATIOS[1:]]
        middles = (np.arange(cells) + 0.5) / cells
        rows += [(x, y, *shape) for y, x in itertools.product(middles, middles) for shape in shapes]
    return np.array(rows)


def decode(answers: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """(N, 4) edges, as shares, of (N, 4) answers of SSD's kind (Liu et al. 2016)."""
    moved = answers * _VARIANCES
    middle = centres[:, :2] + moved[:, :2] * centres[:, 2:]
    half = centres[:, 2:] * np.exp(moved[:, 2:]) / 2
    return np.concatenate([middle - half, middle + half], axis=1)
