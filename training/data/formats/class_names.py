"""What other people call the ways of wearing a mask. Names in no table here are a user's own and stay.

To add a name, put it into `CLASS_NAMES` under its label, in any spelling of case, spaces, dashes and
underscores, and run `python -m bench.readme`, which writes the table of docs/training.md. One that is only
yours needs no change here: `--class NAME=LABEL`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from core.labels import LABEL_SETS, MASK_3, RESERVED, SUBTYPES, WEAR_4

_WITH_MASK, _INCORRECT_MASK, _WITHOUT_MASK = MASK_3
_NO_MASK = WEAR_4.labels[-1]  # in wear4 a label, to most people their name for `without_mask`

CLASS_NAMES = {
    _WITH_MASK: (
        *("with_mask", "mask", "masks", "masked", "masked_face", "masked_faces", "mask_on", "mask_yes"),
        *("wearing_mask", "wear_mask", "wears_mask", "has_mask", "have_mask", "face_with_mask", "face_mask"),
        *("face_nask", "facemask", "person_with_mask", "people_with_mask", "w_mask", "yes_mask"),
        *("correct", "correct_mask", "mask_correct", "correctly_masked", "correctly_masked_face"),
        *("mask_worn_correctly", "mask_weared_correct", "mask_weared_correctly", "mask_worn_correct"),
        *("correctly_worn_mask", "with_mask_correct", "wear_mask_correctly", "face_with_mask_correct"),
        *("proper", "proper_mask", "properly", "properly_masked", "mask_proper", "mask_worn_properly"),
        *("right_mask", "CMFD", "AFDB_masked_face_dataset", "fully_covered"),
    ),
    _INCORRECT_MASK: (
        *("incorrect_mask", "mask_incorrect", "incorrect", "incorrectly_masked", "incorrectly_masked_face"),
        *("face_with_mask_incorrect", "mask_weared_incorrect", "mask_weared_incorrectly", "IMFD"),
        *("mask_worn_incorrect", "mask_worn_incorrectly", "with_mask_incorrect", "incorrectly_worn_mask"),
        *("incorrect_wearing", "wear_mask_incorrectly", "wearing_mask_incorrectly", "mask_worn_wrong"),
        *("improper", "improper_mask", "mask_improper", "improperly", "improperly_masked", "misplaced"),
        *("improperly_worn_mask", "mask_worn_improperly", "misplaced_mask", "mask_misplaced", "misworn"),
        *("wrong", "wrong_mask", "mask_wrong", "wrongly_masked", "wrong_wearing", "worn_wrong", "bad_mask"),
        *("half_mask", "partial_mask", "partially_masked", "partially_covered", "mask_partially"),
        *("chin_mask", "mask_chin", "mask_on_chin", "nose_out", "nose_exposed", "exposed_nose", "under_nose"),
        *("mask_under_nose", "mask_below_nose", "nose_mouth_out", "uncovered_nose", "uncover_nose"),
    ),
    _WITHOUT_MASK: (
        *(
            "without_mask",
            "no_mask",
            "no_masks",
            "nomask",
            "unmask",
            "unmasked",
            "unmasked_face",
            "not_masked",
        ),
        *("non_mask", "non_masked", "not_mask", "mask_off", "mask_no", "face_no_mask", "no_face_mask"),
        *("not_wearing_mask", "no_wear_mask", "not_wear_mask", "face_without_mask", "without_face_mask"),
        *("person_without_mask", "people_without_mask", "wo_mask", "maskless", "mask_less"),
        *("bare", "bare_face", "barefaced", "no_mask_face", "not_wearing", "not_covered"),
        *("AFDB_face_dataset",),
    ),
}
"""By label, what data sets of this field write: Kaggle's, RMFD, AIZOO, MaskCam, NVIDIA TAO, FMLD, PWMFD,
MaskedFace-Net, Moxa3K and Roboflow's among them.
"""

# What is a face without a mask only beside a name of a face with one: AIZOO's `face` and `face_mask`
_BARE_BESIDE_MASKED = ("face", "faces", "normal")
# Regions that their makers say nothing of
NOTHING_SAID = ("not_visible", "dont_care", "ignore", "ignored", "ignore_region", "unlabeled", "unlabelled")

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
OURS = {label for labels in LABEL_SETS.values() for label in labels} | {*RESERVED}


def subtype_of(name: str) -> str:
    """The subtype, one of `core.labels.SUBTYPES`, that somebody's word means; empty where it is not known."""
    return _SUBTYPES.get(name.strip().lower(), "")


def is_known(name: str) -> bool:
    """Whether it is a label of ours, or what people call one."""
    return name in OURS or _spelled(name) in _LABELS


def label_of(names: Iterable[str], said: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """The label of each class name of one data set; None where it does not say how a face wears a mask.

    `said` is what a user says of some names, in any spelling; an empty label leaves them out. All names of a
    set are needed, since some mean what they do by their company: `no_mask` beside `below_mouth` is a label
    of wear4; `hat` is left out beside `face_no_mask`, and else a user's own class; `face` is a bare one
    beside `face_mask`.
    """
    names = set(names)
    known = set(map(_spelled, names))
    own = {_spelled(name): label or None for name, label in (said or {}).items()}
    wear4 = any(_spelled(label) in known for label in WEAR_4.labels[:-1])
    wobot = any(_spelled(name) in known for name in _WOBOT_FACES)
    masked = any(_LABELS.get(name) == _WITH_MASK for name in known)
    found: dict[str, str | None] = {}
    for name in sorted(names):
        spelled = _spelled(name)
        if spelled in own:
            found[name] = own[spelled]
        elif wear4 and name == _NO_MASK:
            found[name] = name
        elif spelled in _NOTHING_SAID or (wobot and spelled in _OTHERS):
            found[name] = None
        elif masked and spelled in _BARE_BESIDE_MASKED:
            found[name] = _WITHOUT_MASK
        else:
            found[name] = _LABELS.get(spelled, name)
    return found


def _spelled(name: str) -> str:
    """Letters and digits alone: `With Mask`, `with-mask` and `WithMask` are one name."""
    return re.sub(r"[\W_]", "", name).lower()


_LABELS = {_spelled(name): label for label, names in CLASS_NAMES.items() for name in names} | {
    # the folders that the medical-masks set's users sort it into, types in the corrected order
    f"type{number}{gender}": f"{gender}_{wearing}"
    for gender in ("female", "male")
    for number, wearing in enumerate(WEAR_4, 1)
}
_OTHERS = {_spelled(name) for name in _WOBOT_OTHERS}
_NOTHING_SAID = {_spelled(name) for name in NOTHING_SAID}
