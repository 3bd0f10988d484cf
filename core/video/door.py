"""One answer for one person at a door."""

from __future__ import annotations

from collections.abc import Sequence

from core.labels import SUBTYPES, appearance
from core.reasons import HINTS
from core.video.analysis import Person

WAITING, ONE_BY_ONE, READING, OTHER = "waiting", "one_by_one", "reading", "other"
ANSWERS = (
    *(WAITING, READING, ONE_BY_ONE, "properly", "wrongly", *SUBTYPES, "not", "not_properly", OTHER),
    *HINTS,
)
"""All that a door can say: how the mask is worn, or what the person can do to be told."""

_BESIDE = 0.7  # of the nearest face's size: a person beside them, not one who passes behind


def door_answer(people: Sequence[Person]) -> str:
    """What to say to the nearest person, one of `ANSWERS`.

    `READING` until the answer has stood for a moment; how a mask is worn wrongly, where that is known;
    `OTHER` for a label that says nothing of a mask.
    """
    if not people:
        return WAITING
    nearest, *others = sorted(people, key=lambda person: -person.face.detection.side)
    if others and others[0].face.detection.side >= _BESIDE * nearest.face.detection.side:
        return ONE_BY_ONE
    if not nearest.settled:
        return READING
    if nearest.face.cannot_tell:
        return nearest.face.cannot_tell.reason
    worn = appearance(nearest.face.answer).worn
    return nearest.face.prediction.subtype or worn or OTHER
