from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.models.installed import installed_models
from core.review import class_report
from core.runs import catalog, read_evaluation

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()


def test_home_is_shown_first_and_says_what_a_newcomer_asks(app):
    assert not app.exception
    assert app.title[0].value == "Maskwise"
    assert [header.value for header in app.header][:4] == [
        "How a mask is worn properly",
        "What it does",
        "What it does not do",
        "Where your pictures go",
    ]
    assert app.code[0].value == ".venv/bin/maskwise check photo.jpg"


def test_measured_figures_are_shown_of_the_model_that_is_installed(tmp_path, monkeypatch, app):
    """With a card: its figures. Without one: no such section, and no error."""
    assert app.header[-1].value == "How accurate it is"
    assert "95% interval" in app.markdown[-1].value
    monkeypatch.delenv("MASKWISE_MODELS", raising=False)
    monkeypatch.setattr("core.models.installed.SHIPPED", tmp_path)
    st.cache_resource.clear()
    app.run()
    assert not app.exception
    assert app.header[-1].value == "Where your pictures go"


def test_figures_are_those_of_the_dashboards_report(app):
    card = installed_models()["mask3"]
    found = class_report.from_evaluation(read_evaluation(catalog.folders()[card.trained_by]))
    for row in found.labels:
        low, high = row.recall.interval
        assert f"{row.recall.value:.1%} (95% interval {low:.1%} to {high:.1%})" in app.markdown[-1].value


def test_drawings_show_answers_that_the_default_model_gives(app):
    drawn = next(html.proto.body for html in app.get("html") if "Drawing of a face" in html.proto.body)
    for word in ("Mask on", "Worn incorrectly", "No mask"):
        assert f"</span> {word}</span>" in drawn
    assert "Nose out" not in drawn and "Below mouth" not in drawn


def test_a_sample_is_answered_on_the_page(app):
    app.button(key="try_sample").click().run()
    assert not app.exception and not app.error
    (told,) = (caption.value for caption in app.caption if caption.value.startswith("4 faces: "))
    assert "1 mask on" in told and "1 no mask" in told and "drawn on by Maskwise" in told
