"""A stranger's text in real Chromium: shown as it is, and nobody else is asked for anything."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from core import settings
from core.images.encode import to_jpeg
from core.mask_rendering.samples import sample_frame
from tests.e2e.conftest import settled
from tests.strangers import HOSTILE, TOKENS, broken, hostile_model, hostile_run
from ui.dashboard.views import VIEWS

SHOWN = """
import streamlit as st
from tests.strangers import HOSTILE, TOKENS
from ui.wording import plain

kinds = {"body": st.markdown, "note": st.caption, "error": st.error, "tab": lambda text: st.tabs([text])}
for number, text in enumerate([*HOSTILE, *TOKENS]):
    for kind, show in kinds.items():
        with st.container(key=f"{kind}-{number}"):
            show(plain(text))
for number, text in enumerate(map(plain, TOKENS)):
    with st.container(key=f"labels-{number}"):
        st.button(text)
        st.expander(text)
        st.pills("p", [text])
        st.progress(0.5, text)
        st.metric(text, text, text)
        st.radio(text, [text])
        st.subheader(text, anchor=False)
"""
READ_INTO = (
    "img, a[href], code, em, strong, del, h1, li, blockquote, table, pre, hr, sup, .katex, "
    ".stMarkdownColoredText, .stMarkdownBadge, [data-testid=stMarkdownBadge]"
)
JOINER = "\u2060"


def without(text: str, *characters: str) -> str:
    return "".join(c for c in text if not c.isspace() and c not in characters)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A server's environment with such runs and models, and the name of a run."""
    runs, models = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("models")
    run = hostile_run(runs)
    hostile_model(models)
    broken(runs, "config.json")
    broken(models, "card.json")
    return {"name": run.name, settings.RUNS.name: str(runs), settings.MODELS.name: str(models)}


def test_streamlit_reads_nothing_into_it(fresh_server, visitor, tmp_path):
    """What Streamlit's next version reads in text is found here."""
    script = tmp_path / "shown.py"
    script.write_text(SHOWN)
    page = visitor(of=fresh_server(script=script))
    for number, text in enumerate([*HOSTILE, *TOKENS]):
        for kind in ("body", "note", "error", "tab"):
            place = page.locator(f".st-key-{kind}-{number}")
            assert without(place.inner_text(), JOINER) == without(text), f"{kind}: {text}"
            assert place.locator(READ_INTO).count() == 0, f"{kind}: {text}"
    for number, text in enumerate(TOKENS):
        place = page.locator(f".st-key-labels-{number}")
        assert place.locator("img, a[href], .katex, em, strong").count() == 0, text
        assert without(place.inner_text(), JOINER).count(without(text)) >= 7, text


def nothing_is_read(page: Page) -> None:
    expect(page.get_by_test_id("stException")).to_have_count(0)
    main = page.get_by_test_id("stMain")
    foreign = "img[src*='evil'], a[href*='evil'], a[href$='/x'], .katex, svg a, i:has-text('evil')"
    assert main.locator(foreign).count() == 0
    assert "😄" not in main.inner_text()


def test_no_page_reads_anything_into_a_strangers_run_model_or_upload(fresh_server, visitor, hostile):
    server = fresh_server(env=hostile)
    page = visitor("/dashboard", of=server)
    page.get_by_test_id("stExpander").filter(has_text="cannot be read").first.click()
    expect(page.get_by_text("broken").first).to_be_visible()
    nothing_is_read(page)
    assert hostile[settings.RUNS.name] not in page.content()
    for view in VIEWS:
        page.goto(f"{server.url}/dashboard?view={view}&run={quote(hostile['name'])}")
        settled(page)
        nothing_is_read(page)
    page.goto(f"{server.url}/check_photos")
    settled(page)
    picture = to_jpeg(sample_frame("no_mask").rgb)
    names = ["![p](x) :smile: $evil$ [l](x) www.evil.test.jpg", ":material<i>evil<i>:red[evil] **evil**.jpg"]
    files = [{"name": name, "mimeType": "image/jpeg", "buffer": picture} for name in names]
    page.locator("input[type=file]").first.set_input_files(files)
    for name in names:
        expect(page.locator(".mw-name").filter(has_text=name[-12:])).to_be_visible()
    settled(page)
    nothing_is_read(page)
