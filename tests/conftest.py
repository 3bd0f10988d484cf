"""What every test relies on: warnings are errors, and no cache outlives a test."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A warning that is not named here fails the test that raised it.
WARNINGS = ("error",)


def pytest_configure(config: pytest.Config) -> None:
    for rule in WARNINGS:
        config.addinivalue_line("filterwarnings", rule)


@pytest.fixture(autouse=True)
def _fresh_caches(request: pytest.FixtureRequest):
    """What a page loaded and kept for all visitors is not carried into the next test."""
    yield
    if {"pages", "ui"} & set(request.path.relative_to(ROOT).parts):
        import streamlit as st

        st.cache_resource.clear()
        st.cache_data.clear()
