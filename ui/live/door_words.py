"""What the door says, in each language. Answers: `core.video.ANSWERS`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from core.drawing import ink_on
from core.labels import CANNOT_TELL, GREY, ORANGE, SUBTYPES, VERMILION, appearance
from core.video import ANSWERS

_READ = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
LANGUAGES: dict[str, tuple[str, str]] = {code: (read["name"], read["voice"]) for code, read in _READ.items()}
"""Each language's own name, and the tag by which a browser chooses a voice."""
WORDS: dict[str, dict[str, str]] = {code: read["words"] for code, read in _READ.items()}

GREEN = "#009E73"  # of the palette of core.labels: at a door people know green as go
_LOOKS = {
    "properly": ("✓", GREEN),
    **dict.fromkeys(("wrongly", *SUBTYPES), ("!", ORANGE)),
    "not": ("✗", VERMILION),
    "not_properly": ("!", VERMILION),
}


def door_plates(language: str) -> dict[str, dict[str, str]]:
    """For each answer of the door: words, icon, colour of the plate and of the ink on it."""
    plates = {}
    for answer in ANSWERS:
        icon, colour = _LOOKS.get(answer, (appearance(CANNOT_TELL).icon, GREY))
        if answer in ("waiting", "reading"):
            icon = "…"
        plates[answer] = {
            "words": WORDS[language][answer],
            "icon": icon,
            "colour": colour,
            "ink": ink_on(colour),
        }
    return plates
