"""What each kind of picture that is made here is labelled."""

from __future__ import annotations

from core.labels import DEPICTION, WEAR_4
from core.mask_rendering import LABEL_OF, LOOKALIKES
from training.synthesis.depictions import SHARES as DEPICTIONS

LABELS = (
    LABEL_OF
    | dict.fromkeys((WEAR_4.labels[-1], *LOOKALIKES), "without_mask")
    | dict.fromkeys(DEPICTIONS, DEPICTION)
)
"""By the way a mask is worn, by the look-alike, and by the kind of depiction."""
