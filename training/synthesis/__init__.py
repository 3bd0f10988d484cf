"""Training pictures made from others: synthetic masks, look-alikes, depictions, unmasked faces."""

from core.mask_rendering import SUBTYPE_OF
from training.synthesis.depictions import add_depictions
from training.synthesis.labels import LABELS
from training.synthesis.lookalikes import add_lookalikes
from training.synthesis.real_cloth import cloths
from training.synthesis.synthetic import SUBTYPE_SHARE, add_masks, find_landmarks, variants
from training.synthesis.unmasked import portraits, unmask_faces

__all__ = [
    "LABELS",
    "SUBTYPE_OF",
    "SUBTYPE_SHARE",
    "add_depictions",
    "add_lookalikes",
    "add_masks",
    "cloths",
    "find_landmarks",
    "portraits",
    "unmask_faces",
    "variants",
]
