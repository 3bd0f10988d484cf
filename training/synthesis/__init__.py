"""Training pictures made from others: synthetic masks, real cloth, unmasked faces."""

from training.synthesis.real_cloth import cloths
from training.synthesis.synthetic import add_masks, find_landmarks
from training.synthesis.unmasked import LABELS, portraits, unmask_faces

__all__ = [
    "LABELS",
    "add_masks",
    "cloths",
    "find_landmarks",
    "portraits",
    "unmask_faces",
]
