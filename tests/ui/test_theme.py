from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from core.drawing.contrast import contrast, ink_on
from core.images.decode import MAX_BYTES
from core.labels import APPEARANCES
from ui.html import chip
from ui.video.desk import most_bytes

ROOT = Path(__file__).parent.parent.parent
CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
TEXT = 4.5  # least contrast that WCAG 2 level AA asks of text


@pytest.mark.parametrize(
    ("a", "b", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#777777", 1), ("#767676", "#ffffff", 4.54)]
)
def test_contrast_is_that_of_wcag(a, b, ratio):
    assert contrast(a, b) == pytest.approx(ratio, abs=0.01)
    assert contrast(b, a) == contrast(a, b)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_both_themes_can_be_read(name):
    theme = CONFIG["theme"][name]
    for background in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert contrast(theme["textColor"], background) >= TEXT
        assert contrast(theme["codeTextColor"], background) >= TEXT
        assert contrast(theme["linkColor"], background) >= TEXT
        # Streamlit writes what is chosen in this colour. White on it, a primary button, is not used.
        assert contrast(theme["primaryColor"], background) >= TEXT


@pytest.mark.parametrize("label", list(APPEARANCES))
def test_answers_can_be_read_on_their_colour(label):
    look = APPEARANCES[label]
    assert contrast(ink_on(look.colour), look.colour) >= TEXT
    assert look.icon in chip(look) and look.short in chip(look) and look.colour in chip(look)


def test_the_server_takes_the_largest_film_that_a_visit_has_room_for_and_the_largest_picture():
    assert CONFIG["server"]["maxUploadSize"] * 2**20 == most_bytes() > MAX_BYTES


def test_every_uploader_says_how_large_a_file_may_be():
    sources = [path.read_text() for path in (ROOT / "ui").rglob("*.py")]
    counts = [(s.count("st.file_uploader("), s.count("max_upload_size=")) for s in sources]
    assert sum(uploaders for uploaders, _ in counts) >= 6
    assert all(uploaders == bounded for uploaders, bounded in counts)
