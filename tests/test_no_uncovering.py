"""In a clinic a mask stays on: nothing that people read may ask anybody to bare their face."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.reasons import ADVICE, HINTS, LOW_MARGIN
from ui.live.door_words import WORDS

ROOT = Path(__file__).parent.parent
READ = [
    path
    for folder in ("core", "ui", "pages", "docs", "models", "training/recipes")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".py", ".js", ".html", ".j2", ".toml", ".md", ".json", ".css")
] + sorted(ROOT.glob("*.md"))
ASKS = re.compile(
    r"\buncover\b|take (?:it|your mask|the mask) off|remove (?:your|the) mask"
    r"|descúbr|descubr[ai]|quítese|dégage[zr]|enlevez|retirez|frei ?machen|abnehmen|露出|摘下|取下"
    r"|\bscopra\b|\btolga\b|\btire a\b|\bretire\b",
    re.IGNORECASE,
)


def test_nothing_that_is_written_asks_to_uncover():
    assert len(READ) > 300
    asking = {
        path.relative_to(ROOT).as_posix(): found.group()
        for path in READ
        if (found := ASKS.search(path.read_text(encoding="utf-8")))
    }
    assert asking == {}


def test_nor_does_anything_that_is_said():
    said = [*ADVICE.values(), *HINTS.values(), *(text for words in WORDS.values() for text in words.values())]
    assert [text for text in said if ASKS.search(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "The answer is not clear. Uncover what is not the mask, or try another picture.",
        "Please uncover your face around the mask",
        "Descúbrase la cara alrededor de la mascarilla",
        "Dégagez le visage autour du masque",
        "Bitte das Gesicht rund um die Maske frei machen",
        "请露出口罩周围的脸",
        "Scopra il viso intorno alla mascherina",
        "Descubra o rosto em volta da máscara",
    ],
)
def test_what_was_said_once_would_be_noticed(text):
    assert ASKS.search(text)


def test_an_unclear_answer_asks_to_look_at_the_camera():
    assert ADVICE[LOW_MARGIN].startswith("The answer is not clear. Look straight at the camera in good light")
    assert "camera" in WORDS["en"][LOW_MARGIN] and HINTS[LOW_MARGIN] == "Look at the camera"
