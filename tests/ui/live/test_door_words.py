from __future__ import annotations

import itertools
import re

import pytest

from core.video.door import ANSWERS
from ui.live.door_words import LANGUAGES, WORDS, door_plates

ASKED_FOR = {"en", "es", "fr", "de", "zh"}  # the languages that the issue names


def test_every_language_has_a_name_a_voice_and_a_table():
    assert LANGUAGES.keys() == WORDS.keys() >= ASKED_FOR
    for code, (name, tag) in LANGUAGES.items():
        assert name.strip() and re.fullmatch(rf"{code}-[A-Z]{{2}}", tag)


@pytest.mark.parametrize("code", WORDS)
def test_every_answer_has_words_of_its_own(code):
    words = WORDS[code]
    assert words.keys() == set(ANSWERS)
    assert all(text == text.strip() and text for text in words.values())
    assert len(set(words.values())) == len(words)  # two answers in one wording would be one answer


def test_no_language_is_a_copy_of_another():
    for one, other in itertools.combinations(WORDS, 2):
        alike = [answer for answer in ANSWERS if WORDS[one][answer] == WORDS[other][answer]]
        assert len(alike) <= 1, (one, other, alike)  # "Um momento…" and "Un momento…" may meet


def test_chinese_is_written_in_chinese():
    for text in WORDS["zh"].values():
        assert not re.search("[A-Za-z]", text) and re.search("[\u4e00-\u9fff]", text)


@pytest.mark.parametrize("code", [code for code in WORDS if code != "zh"])
def test_other_languages_have_no_chinese(code):
    assert not any(re.search("[\u3000-\u9fff\uff00-\uffef]", text) for text in WORDS[code].values())


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_plate_tells_by_words_icon_and_colour_and_can_be_read():
    plates = door_plates("de")
    assert tuple(plates) == ANSWERS
    assert plates["properly"]["words"] == "Maske sitzt. Danke!"
    for plate in plates.values():
        dark, light = sorted(map(luminance, (plate["colour"], plate["ink"])))
        assert (light + 0.05) / (dark + 0.05) >= 3  # large text
    told = [plates[answer] for answer in ("properly", "wrongly", "not", "too_small", "waiting")]
    assert len({plate["icon"] for plate in told}) == 5
    assert len({plate["colour"] for plate in told[:4]}) == 4


def test_the_same_answer_looks_the_same_in_every_language():
    looks = [[(plate["icon"], plate["colour"]) for plate in door_plates(code).values()] for code in LANGUAGES]
    assert all(look == looks[0] for look in looks)
