"""Training pictures made from others: synthetic masks, real cloth, unmasked faces."""

from training.synthesis.drawn import draw_on_faces, find_landmarks
from training.synthesis.real_cloth import cloths
from training.synthesis.uncovered import LABELS, portraits, uncover_faces

__all__ = [
    "LABELS",
    "cloths",
    "draw_on_faces",
    "find_landmarks",
    "portraits",
    "uncover_faces",
]
