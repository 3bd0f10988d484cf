"""The ways to wear a mask that can be drawn, and what each is called elsewhere."""

from __future__ import annotations

from core.labels import WEAR_4

COVERED, NOSE_OUT, BELOW_MOUTH = WEAR_4.labels[:3]
MOUTH_OUT, CUT_OPEN = "mouth_out", "cut_open"
UNDER_CHIN = "under_chin"
HANGING, IN_HAND = "hanging_from_ear", "in_hand"
OVER_EYES, ON_FOREHEAD = "over_eyes", "on_forehead"

WEARINGS = (COVERED, NOSE_OUT, BELOW_MOUTH)
"""The heights that `WEAR_4` names."""
SUBTYPE_OF = {
    NOSE_OUT: "nose_out",
    MOUTH_OUT: "mouth_out",
    CUT_OPEN: "mouth_out",
    BELOW_MOUTH: "below_mouth",
    UNDER_CHIN: "under_chin",
    HANGING: "elsewhere",
    OVER_EYES: "elsewhere",
    ON_FOREHEAD: "elsewhere",
    IN_HAND: "elsewhere",
}
"""All wrong ways, and the subtype of each."""
WAYS = (COVERED, *SUBTYPE_OF)
LABEL_OF = {COVERED: "with_mask"} | dict.fromkeys(SUBTYPE_OF, "incorrect_mask")
