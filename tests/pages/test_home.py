from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

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
    assert app.code[0].value == "python -m core check photo.jpg"


def test_measured_figures_are_shown_of_the_model_that_is_installed(tmp_path, monkeypatch, app):
    """With a card: its figures. Without one: no such section, and no error."""
    assert app.header[-1].value == "How far to trust it"
    assert "95 % interval" in app.markdown[-1].value
    monkeypatch.delenv("MASKWISE_MODELS", raising=False)
    monkeypatch.setattr("core.models.installed.SHIPPED", tmp_path)
    st.cache_resource.clear()
    app.run()
    assert not app.exception
    assert app.header[-1].value == "Where your pictures go"
