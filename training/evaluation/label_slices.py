"""What the faces of an evaluation have in common, and how many of each label are right there.

Skin tone, view and roll need face points, which a detector finds in each crop. Size and kind of mask are as
the data says.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from core.classification import roll, yaw
from core.labels import appearance
from core.results import Detection
from core.review import MASK_KIND, ROLL, SIZE, SKIN_TONE, UNKNOWN, VIEW, WORN_WRONG
from core.runs import LabelSlice
from training.data import Example, subtype_of
from training.evaluation.face_points import FoundFaces
from training.evaluation.skin_tone import TONES, skin_tone, tone

# Each value with its upper limit; the angles are halfway between 0, 45 and 90 degrees, and by right angles
VIEWS = (("frontal", 22.5), ("three-quarter", 67.5), ("profile", math.inf))
ROLLS = (("upright", 15.0), ("tilted", 45.0), ("on its side", 135.0), ("upside down", math.inf))
SIZES = (("under 24 px", 24.0), ("24 to 48 px", 48.0), ("48 to 96 px", 96.0), ("96 px and more", math.inf))
MASK_KINDS = {
    "cloth": "cloth",
    "surgical": "surgical",
    "n95": "respirator",
    "n95_valve": "respirator with valve",
}
# By `core.labels.SUBTYPES`, and what collections say of which none of these speaks
WORN_WRONG_WAYS = {
    "nose_out": "nose out",
    "mouth_out": "mouth out",
    "below_mouth": "below the mouth",
    "below_mouth_or_hanging": "below the mouth or hanging",
    "under_chin": "under the chin",
    "imfd_uncovered_chin": "chin out",
    "elsewhere": "elsewhere",
}
_ORDER = {
    SKIN_TONE: [name for name, _ in TONES],
    VIEW: [name for name, _ in VIEWS],
    ROLL: [name for name, _ in ROLLS],
    SIZE: [name for name, _ in SIZES],
    MASK_KIND: list(MASK_KINDS.values()),
    WORN_WRONG: list(WORN_WRONG_WAYS.values()),
}

Values = Sequence[str | None]
"""Of each face the value of a dimension; None for a face that has none, as bare ones have no kind of mask."""


def dimensions(examples: Sequence[Example], crops: np.ndarray, found: FoundFaces) -> dict[str, Values]:
    """The values of each dimension that the data has: `examples` (N) as in the data, shown by `crops`
    (N, S, S, 3) uint8 RGB, and the faces found in these.
    """
    worn = [appearance(e.label).worn for e in examples]
    values: dict[str, Values] = {}
    if found.detector:
        seen = [
            _seen(example, crops[i], found.faces[i]) if i in found.faces else (None, None, None)
            for i, example in enumerate(examples)
        ]
        tones, views, rolls = zip(*seen, strict=True)
        values = {SKIN_TONE: tones} | ({VIEW: views, ROLL: rolls} if found.tell_pose else {})
    values[SIZE] = [_under(e.face_px, SIZES) for e in examples]
    for dimension, words, of in (
        (MASK_KIND, MASK_KINDS, ("properly", "wrongly")),
        (WORN_WRONG, WORN_WRONG_WAYS, ("wrongly",)),
    ):
        of_face = [
            words.get(_plain(example.subtype), UNKNOWN) if how in of else None
            for example, how in zip(examples, worn, strict=True)
        ]
        if set(of_face) - {UNKNOWN, None}:
            values[dimension] = of_face
    return values


def _plain(subtype: str) -> str:
    """Our word for what the data says, where there is one."""
    return subtype_of(subtype) or subtype.strip().lower()


def _seen(example: Example, crop: np.ndarray, face: Detection | None) -> tuple[str, str, str]:
    """Skin tone, view and roll of one face."""
    if face is None or face.landmarks is None:
        return UNKNOWN, UNKNOWN, UNKNOWN
    masked = appearance(example.label).worn != "not"
    angle = skin_tone(crop, face.landmarks, example.face_px, masked=masked)
    return (
        tone(angle) or UNKNOWN,
        _under(abs(yaw(face.landmarks)), VIEWS),
        _under(abs(roll(face.landmarks)), ROLLS),
    )


def _under(quantity: float, limits: Sequence[tuple[str, float]]) -> str:
    if math.isnan(quantity):
        return UNKNOWN
    return next(name for name, limit in limits if quantity < limit or limit == math.inf)


def counted(
    values: Mapping[str, Values],
    names: Sequence[str],
    true: np.ndarray,
    correct: np.ndarray,
    answered: np.ndarray,
) -> tuple[LabelSlice, ...]:
    """Of N faces with `true` labels (N,), indices into `names`, rights (N,) bool and answers given (N,) bool:
    those that occur by dimension, value and label.
    """
    return tuple(
        found
        for dimension, of_face in values.items()
        for value in (*_ORDER[dimension], UNKNOWN)
        for found in _of_value(dimension, value, of_face, names, true, correct, answered)
    )


def _of_value(
    dimension: str,
    value: str,
    of_face: Values,
    names: Sequence[str],
    true: np.ndarray,
    correct: np.ndarray,
    answered: np.ndarray,
) -> Iterator[LabelSlice]:
    inside = np.array([one == value for one in of_face], bool)
    for label in np.unique(true[inside]):
        chosen = inside & (true == label)
        yield LabelSlice(
            dimension=dimension,
            value=value,
            label=names[label],
            n=int(chosen.sum()),
            hits=int(correct[chosen].sum()),
            cannot_tell=int((~answered[chosen]).sum()),
        )
