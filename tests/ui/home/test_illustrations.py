from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import pytest

from core.labels import WEAR_4, appearance
from ui.home.illustrations import FAVICON, drawing, wearings


@pytest.mark.parametrize("wearing", WEAR_4.labels)
def test_every_drawing_is_svg_with_the_three_places_named(wearing):
    svg = ElementTree.fromstring(drawing(wearing))
    assert [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")] == [
        "nose",
        "mouth",
        "chin",
    ]


def test_drawings_differ():
    assert len({drawing(wearing) for wearing in WEAR_4}) == len(WEAR_4)


def test_every_drawing_has_alternative_text_and_its_word():
    page = wearings()
    sources = re.findall(r'alt="([^"]+)" src="data:image/svg\+xml;base64,([^"]+)"', page)
    assert [alt.removeprefix("Drawing of a face. ") for alt, _ in sources] == [
        appearance(label).sentence for label in WEAR_4
    ]
    assert [base64.b64decode(source).decode() for _, source in sources] == [
        drawing(label) for label in WEAR_4
    ]
    for label in WEAR_4:
        assert appearance(label).icon in page and appearance(label).short in page


def test_favicon_is_svg():
    assert ElementTree.fromstring(FAVICON).get("viewBox")
