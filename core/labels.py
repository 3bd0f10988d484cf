"""The labels, their order and what they say to people. Nothing else in the project writes them down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

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
        "Worn incorrectly", "Wearing a mask, but nose or mouth is uncovered.", "!", ORANGE, "wrongly"
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


_CONCERN: tuple[Worn | None, ...] = ("not", "not_properly", "wrongly", None, "properly")


def concern(answer: str) -> int:
    """Place of an answer where those that ask for something to be done come first."""
    return _CONCERN.index(appearance(answer).worn)


def names_gender(labels: Iterable[str]) -> bool:
    """Whether any of them says a person's gender beside the wearing."""
    return any(wearing_of(label) != label for label in labels)


def either(labels: Iterable[str]) -> str:
    """Several labels in words, as one or another of which something is: "worn incorrectly or no mask"."""
    *others, last = (" ".join(appearance(label).short.lower().split()) for label in labels)
    return f"{', '.join(others)} or {last}" if others else last


@dataclass(frozen=True, slots=True)
class LabelSet:
    """An ordered, named tuple of labels: index == output unit of a network without finer classes."""

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

SUBTYPES: Mapping[str, str] = {
    "nose_out": "The nose is out. Pull the mask up over it.",
    "mouth_out": "The mouth is out. Pull the mask down over mouth and chin.",
    "below_mouth": "Nose and mouth are out. Pull the mask up over both.",
    "under_chin": "The mask is under the chin. Pull it up over mouth and nose.",
    "elsewhere": "The mask is not where it belongs. Put it over nose, mouth and chin.",
}
"""The ways of wearing a mask wrongly, and what a person can do about each."""

NOT_A_FACE, DEPICTION = "not_a_face", "depiction"
RESERVED = (NOT_A_FACE, DEPICTION)
"""Classes that are no label and are never shown as one: what only looked like a face, and drawings, toys,
dolls, mannequins, statues and printed pictures.
"""


@dataclass(frozen=True, slots=True)
class ClassSet:
    """What a network tells apart, in the order of its outputs, and the labels that this amounts to.

    A class is a label, a label worn wrongly with a subtype ("incorrect_mask/nose_out"), or one of `RESERVED`.
    Raises `RecordError` for other names, for one twice, and where a label has no class.
    """

    labels: LabelSet
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        problem = ""
        if unknown := [name for name in self.names if self._group_of(name) is None]:
            problem = f"{', '.join(unknown)} is none of them"
        elif len(set(self.names)) < len(self.names):
            problem = "one is there twice"
        elif lacking := [label for label in self.labels if label not in map(self._group_of, self.names)]:
            problem = f"none is {', '.join(lacking)}"
        if problem:
            raise RecordError(
                f"Classes of {self.labels.name!r} are its labels, labels worn wrongly with a subtype "
                f"(LABEL/{', LABEL/'.join(SUBTYPES)}), {' and '.join(RESERVED)}, each once: {problem}."
            )

    def __len__(self) -> int:
        return len(self.names)

    def _group_of(self, name: str) -> str | None:
        if name in self.labels.labels or name in RESERVED:
            return name
        label, _, subtype = name.rpartition("/")
        known = label in self.labels.labels and subtype in SUBTYPES
        return label if known and appearance(label).worn == "wrongly" else None

    @property
    def reserved(self) -> tuple[str, ...]:
        """Those of `RESERVED` that the network tells and that are no label of somebody's own."""
        return tuple(name for name in RESERVED if name in self.names and name not in self.labels.labels)

    @property
    def groups(self) -> tuple[str, ...]:
        """The labels, then `reserved`: what faces are counted by in training."""
        return (*self.labels, *self.reserved)

    @property
    def subtypes(self) -> tuple[str, ...]:
        """The subtypes that the network tells."""
        return tuple(s for s in SUBTYPES if any(name.endswith(f"/{s}") for name in self._finer))

    @property
    def annotations(self) -> tuple[str, ...]:
        """All that is ever known of a face in training: `groups`, then a label with its subtype."""
        return (*self.groups, *self._finer)

    @property
    def _finer(self) -> tuple[str, ...]:
        return tuple(name for name in self.names if name not in self.groups)

    def annotation(self, label: str, subtype: str = "") -> int:
        """Place in `annotations` of a face; a subtype that the network does not tell is not known.

        Raises `RecordError` for a label that is none of `groups`.
        """
        finer = f"{label}/{subtype}"
        if finer in self._finer:
            return self.annotations.index(finer)
        return self.groups.index(label) if label in self.groups else self.labels.index(label)

    def group_table(self) -> np.ndarray:
        """(C, G) bool: which class is of which of `groups`."""
        return np.array([[self._group_of(name) == group for group in self.groups] for name in self.names])

    def subtype_table(self) -> np.ndarray:
        """(C, S) bool: which class is of which of `subtypes`."""
        finer = [name.rpartition("/")[2] if name in self._finer else "" for name in self.names]
        return np.array([[name == s for s in self.subtypes] for name in finer], bool).reshape(len(finer), -1)

    def annotation_table(self) -> np.ndarray:
        """(A, C) bool: the classes that a face may be of which that annotation is known."""
        return np.array(
            [[a in (name, self._group_of(name)) for name in self.names] for a in self.annotations]
        )

    def annotation_groups(self) -> np.ndarray:
        """(A,) int: place in `groups` of each annotation; a label's is that in the label set."""
        return np.array([self.groups.index(self._group_of(a) or a) for a in self.annotations])
