"""What the network reacts to in a face: cover one place after another and see what the answer loses.

Occlusion sensitivity (Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014).
It asks the network as it runs here, by answers alone, so it works with every engine and any architecture.
Grad-CAM would need gradients and the name of a layer, which an exported ONNX graph does not have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.classification import Classifier
from core.images import to_input

PATCH_PROPORTIONS = {"fine": 1 / 8, "medium": 1 / 6, "coarse": 1 / 4}  # of the crop's side
_ROWS = ("upper", "middle", "lower")
_COLUMNS = ("left", "middle", "right")


@dataclass(frozen=True, slots=True)
class OccludedPatch:
    """Where a patch lay, (left, top) in pixels of the network's input, and what it took, -1 to 1.

    `region` is the part of the crop, in words, that holds the patch's centre; left is the picture's left.
    """

    left: int
    top: int
    fall: float
    region: str


@dataclass(frozen=True, slots=True, eq=False)
class OcclusionMap:
    """A face, and what the network says with a grey patch over each place of it.

    face           (S, S, 3) uint8 RGB, as the network sees it
    probabilities  (C,) calibrated, nothing covered
    covered        (R, R, C) calibrated, the patch with its upper left corner at (starts[row], starts[column])
    starts         (R,) pixels of the network's input
    side           of the patch, pixels of the network's input
    """

    face: np.ndarray
    probabilities: np.ndarray
    covered: np.ndarray
    starts: np.ndarray
    side: int

    def falls(self, class_index: int) -> np.ndarray:
        """(R, R) what each patch takes from the probability of a label; below 0 where it adds to it."""
        return np.asarray(self.probabilities[class_index] - self.covered[..., class_index], float)

    def per_pixel(self, class_index: int) -> tuple[np.ndarray, np.ndarray]:
        """(S, S) mean fall over the patches that cover each pixel, and (S, S) how many these are."""
        pixels = np.arange(len(self.face))
        first = self.starts[:, None]
        covers = ((first <= pixels) & (pixels < first + self.side)).astype(float)  # (R, S)
        counts = np.outer(covers.sum(axis=0), covers.sum(axis=0))
        return covers.T @ self.falls(class_index) @ covers / counts, counts.astype(int)

    def strongest(self, class_index: int) -> OccludedPatch:
        """The patch that takes most from a label."""
        falls = self.falls(class_index)
        row, column = np.unravel_index(int(falls.argmax()), falls.shape)
        left, top = int(self.starts[column]), int(self.starts[row])
        return OccludedPatch(left, top, float(falls[row, column]), self._region(left, top))

    def _region(self, left: int, top: int) -> str:
        third = len(self.face) / 3
        row = _ROWS[int((top + self.side / 2) // third)]
        column = _COLUMNS[int((left + self.side / 2) // third)]
        return row if row == column else f"{row} {column}"


def occlude(classifier: Classifier, crop: np.ndarray, patch_proportion: float = 1 / 6) -> OcclusionMap:
    """Cover a crop (H, W, 3) uint8 RGB place by place, in steps of half a patch, and ask in one call.

    `patch_proportion`: the patch's side of the network's input. The patch has the crop's mean colour,
    so that it brings no contrast of its own but its edges. Raises `ModelError`.
    """
    size = classifier.card.input_size
    face = to_input(crop, size)
    side = max(2, round(size * patch_proportion))
    steps = math.ceil((size - side) / (side // 2)) + 1
    starts = np.linspace(0, size - side, steps).round().astype(int)
    grey = mean_colour(face)
    pictures = [face]
    for top in starts:
        for left in starts:
            picture = face.copy()
            picture[top : top + side, left : left + side] = grey
            pictures.append(picture)
    answers = classifier.predict(pictures).labels
    return OcclusionMap(face, answers[0], answers[1:].reshape(steps, steps, -1), starts, side)


def mean_colour(rgb: np.ndarray) -> np.ndarray:
    """(3,) uint8, the mean of (H, W, 3) uint8 RGB."""
    return np.asarray(rgb.mean(axis=(0, 1)).round(), np.uint8)
