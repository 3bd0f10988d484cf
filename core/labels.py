"""The labels, their order and what they say to people. Nothing else in the project writes them down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from core.errors import RecordError

Worn = Literal["properly", "wrongly", "not", "not_properly"]
"""The last: wrongly or not, and which of both is not clear."""


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
CANNOT_TELL, NOT_PROPERLY = "cannot_tell", "not_properly"

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
    NOT_PROPERLY: Appearance(
        "Not worn properly", "Not wearing a mask properly.", "!", VERMILION, "not_properly"
    ),
    CANNOT_TELL: Appearance("Cannot tell", "This face cannot be judged from this picture.", "?", GREY),
}


def appearance(label: str) -> Appearance:
    """How `label` is shown.

    `female_` and `male_` labels look like their wearing; a label of somebody's own data shows itself.
    """
    if label in APPEARANCES:
        return APPEARANCES[label]
    if (wearing := wearing_of(label)) != label:
        worn, gender = APPEARANCES[wearing], label.partition("_")[0]
        return Appearance(
            f"{worn.short}, {gender}", f"{worn.sentence} Read as {gender}.", worn.icon, worn.colour, worn.worn
        )
    return Appearance(label.replace("_", " "), f"The model says: {label.replace('_', ' ')}.", "•", GREY)


def wearing_of(label: str) -> str:
    """The label without the gender that it may name too."""
    gender, _, wearing = label.partition("_")
    return wearing if gender in ("female", "male") and wearing in APPEARANCES else label


def either(labels: Iterable[str]) -> str:
    """Several labels in words, as one or another of which something is: "worn wrong or no mask"."""
    *others, last = (" ".join(appearance(label).short.lower().split()) for label in labels)
    return f"{', '.join(others)} or {last}" if others else last


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
