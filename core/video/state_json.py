"""How the browser is told of a person and of a second, as JSON."""

from __future__ import annotations

from typing import Any

from core.drawing import ink_on
from core.labels import SUBTYPES, appearance
from core.reasons import HINTS
from core.video.analysis import Person
from core.video.counting import Second


def as_row(second: Second) -> tuple[float, int, int]:
    """When, people in view, of them with the mask worn properly."""
    return second.time.timestamp(), second.now, second.properly


def as_json(person: Person) -> dict[str, Any]:
    """Box and speed in pixels of the analysed picture."""
    face = person.face
    look = appearance(face.answer)
    subtype = None if face.cannot_tell else face.prediction.subtype
    return {
        "id": face.track_id,
        "box": [round(v, 1) for v in face.detection.box],
        "velocity": [round(v, 1) for v in person.track.velocity],
        "label": face.answer,
        "confidence": None if face.cannot_tell else round(face.prediction.confidence, 3),
        "icon": look.icon,
        "words": HINTS[face.cannot_tell.reason] if face.cannot_tell else look.short,
        "detail": SUBTYPES[subtype] if subtype else "",
        "colour": look.colour,
        "ink": ink_on(look.colour),
    }
