"""The card of a network that tests make up: what serving reads of it, and no more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from core.labels import DEPICTION, MASK_3, NOT_A_FACE, ClassSet, LabelSet
from core.models.card import REFUSED_FROM, QualityThresholds, Threshold

LEAST = [name for name in QualityThresholds.model_fields if name.startswith("min_")]


def toy_card(labels: LabelSet = MASK_3, classes: tuple[str, ...] | None = None, **facts: Any) -> Any:
    """`facts` over those of a network of 32 pixels whose quality gate lets everything through."""
    nothing = Threshold(value=0, reason="a test")
    own = {
        "name": "toy",
        "input_size": 32,
        "temperature": 1.0,
        "crop_scale": 1.0,
        "quality": QualityThresholds(**dict.fromkeys(LEAST, nothing)),
        "label_set": labels,
        "class_set": ClassSet(labels, classes or labels.labels),
        "refused_from": {NOT_A_FACE: REFUSED_FROM, DEPICTION: REFUSED_FROM},
    }
    return SimpleNamespace(**own | facts)
