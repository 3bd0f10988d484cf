"""The labels, their order and what they say to people. Nothing else in the project writes them down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.errors import RecordError

Worn = Literal["properly", "wrongly", "not"]


@dataclass(frozen=True, slots=True)
class Appearance:
    """How an answer is shown: never by colour alone, always icon + word + colour.

    `colour` is an sRGB hex from Okabe and Ito's palette, which stays distinct for colour-blind eyes. `worn`
    tells what the label says of the mask; None for `cannot_tell` and for labels of somebody's own.
    """

    short: str
    sentence: str
    icon: str
    colour: str
    worn: Worn | None = None


BLUE, ORANGE, VERMILION, GREY = "#0072B2", "#E69F00", "#D55E00", "#6B7280"
CANNOT_TELL = "cannot_tell"

APPEARANCES = {
    "with_mask": Appearance("Mask on", "Wearing a mask over nose, mouth and chin.", "✓", BLUE, "properly"),
    "incorrect_mask": Appearance(
        "Worn wrong", "Wearing a mask, but nose or mouth is uncovered.", "!", ORANGE, "wrongly"
    ),
    "without_mask": Appearance("No mask", "Not wearing a mask.", "✗", VERMILION, "not"),
    "covers_nose_and_mouth": Appearance(
        "Mask on", "Wearing a mask over nose, mouth and chin.", "✓", BLUE, "properly"
    ),
    "covers_mouth_only": Appearance(
        "Nose out", "Wearing a mask, but the nose is uncovered.", "!", ORANGE, "wrongly"
    ),
    "below_mouth": Appearance("Below mouth", "The mask hangs under the mouth.", "!", ORANGE, "wrongly"),
    "no_mask": Appearance("No mask", "Not wearing a mask.", "✗", VERMILION, "not"),
    CANNOT_TELL: Appearance("Cannot tell", "This face cannot be judged from this picture.", "?", GREY),
}


def appearance(label: str) -> Appearance:
    """How `label` is shown.

    `female_` and `male_` labels look like their wearing; a label of somebody's own data shows itself.
    """
    if label in APPEARANCES:
        return APPEARANCES[label]
    gender, _, wearing = label.partition("_")
    if gender in ("female", "male") and wearing in APPEARANCES:
        worn = APPEARANCES[wearing]
        return Appearance(
            f"{worn.short}, {gender}", f"{worn.sentence} Read as {gender}.", worn.icon, worn.colour, worn.worn
        )
    return Appearance(label.replace("_", " "), f"The model says: {label.replace('_', ' ')}.", "•", GREY)


@dataclass(frozen=True, slots=True)
class LabelSet:
    """An ordered, named tuple of labels: index == output unit of the network."""

    name: str
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.labels) < 2 or len(set(self.labels)) != len(self.labels):
            raise RecordError(
                f"Label set {self.name!r} needs two or more different labels, got {self.labels}."
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def index(self, label: str) -> int:
        """Output unit of `label`. Raises `RecordError` naming the known ones."""
        try:
            return self.labels.index(label)
        except ValueError:
            raise RecordError(
                f"Unknown label {label!r}. Label set {self.name!r} has: {', '.join(self.labels)}."
            ) from None


MASK_2 = LabelSet("mask2", ("with_mask", "without_mask"))
MASK_3 = LabelSet("mask3", ("with_mask", "incorrect_mask", "without_mask"))
WEAR_4 = LabelSet("wear4", ("covers_nose_and_mouth", "covers_mouth_only", "below_mouth", "no_mask"))
GENDER_WEAR_8 = LabelSet(
    "gender_wear8", tuple(f"{gender}_{wearing}" for gender in ("female", "male") for wearing in WEAR_4)
)
LABEL_SETS = {s.name: s for s in (MASK_2, MASK_3, WEAR_4, GENDER_WEAR_8)}
