"""What other people call the ways of wearing a mask. Names in no table here are a user's own and stay."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.labels import MASK_3, SUBTYPES, WEAR_4

_WITH_MASK, _INCORRECT_MASK, _WITHOUT_MASK = MASK_3
_NO_MASK = WEAR_4.labels[-1]  # in wear4 a label, to most people their name for `without_mask`

_NAMES = {
    _WITH_MASK: (
        *("with_mask", "mask", "masked", "mask_on", "wearing_mask", "face_with_mask", "CMFD"),
        *("correct_mask", "mask_correct", "correctly_masked", "mask_worn_correctly", "mask_weared_correct"),
    ),
    _INCORRECT_MASK: (
        *("incorrect_mask", "mask_incorrect", "incorrectly_masked", "face_with_mask_incorrect", "IMFD"),
        *("mask_weared_incorrect", "mask_weared_incorrectly", "mask_worn_incorrect", "mask_worn_incorrectly"),
        *("with_mask_incorrect", "incorrectly_worn_mask", "improper_mask", "wrong_mask"),
    ),
    _WITHOUT_MASK: (
        *("without_mask", "no_mask", "unmasked", "not_masked", "mask_off", "face_no_mask"),
        *("not_wearing_mask", "face_without_mask"),
    ),
}
# Kaggle's wobotintelligence set names twenty things. These three are faces; the boxes of the others go round
# a hat, or the cloth of a mask without the face, or round a face behind something that is no mask.
_WOBOT_FACES = ("face_with_mask", "face_with_mask_incorrect", "face_no_mask")
_WOBOT_OTHERS = (
    *("mask_surgical", "mask_colorful", "gas_mask", "face_shield", "face_other_covering", "scarf_bandana"),
    *("balaclava_ski_mask", "hijab_niqab", "hood", "hat", "helmet", "hair_net", "turban", "eyeglasses"),
    *("sunglasses", "goggles", "other"),
)

# What data sets say of how a mask is worn wrongly. Their other words, such as "uncovered chin", are of no
# subtype of ours, or leave open which.
_SUBTYPES = {subtype: subtype for subtype in SUBTYPES} | {
    "imfd_uncovered_nose": "nose_out",
    "nose_uncovered": "nose_out",
    "imfd_uncovered_nose_mouth": "below_mouth",
}


def subtype_of(name: str) -> str:
    """The subtype, one of `core.labels.SUBTYPES`, that somebody's word means; empty where it is not known."""
    return _SUBTYPES.get(name.strip().lower(), "")


def label_of(names: Iterable[str]) -> dict[str, str | None]:
    """The label of each class name of one data set; None where it does not say how a face wears a mask.

    All names of a set are needed, since some mean what they do by their company: `no_mask` beside
    `below_mouth` is a label of wear4; `hat` is left out beside `face_no_mask`, and else a user's own class.
    """
    names = set(names)
    known = set(map(_spelled, names))
    wear4 = any(_spelled(label) in known for label in WEAR_4.labels[:-1])
    wobot = any(_spelled(name) in known for name in _WOBOT_FACES)
    found: dict[str, str | None] = {}
    for name in sorted(names):
        if wear4 and name == _NO_MASK:
            found[name] = name
        elif wobot and _spelled(name) in _OTHERS:
            found[name] = None
        else:
            found[name] = _LABELS.get(_spelled(name), name)
    return found


def _spelled(name: str) -> str:
    """Letters and digits alone: `With Mask`, `with-mask` and `WithMask` are one name."""
    return re.sub(r"[\W_]", "", name).lower()


_LABELS = {_spelled(name): label for label, names in _NAMES.items() for name in names} | {
    # the folders that the medical-masks set's users sort it into, types in the corrected order
    f"type{number}{gender}": f"{gender}_{wearing}"
    for gender in ("female", "male")
    for number, wearing in enumerate(WEAR_4, 1)
}
_OTHERS = {_spelled(name) for name in _WOBOT_OTHERS}
