"""What the tests of pages leave out: work that a real server does once, and AppTest at every run."""

from __future__ import annotations

import pytest
from streamlit.components.v2 import manifest_scanner

from ui import loaders


@pytest.fixture(autouse=True)
def _no_search_for_components(monkeypatch):
    """AppTest looks for components in every installed package, for a third of these tests' time."""
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", lambda: [])


@pytest.fixture(autouse=True)
def _no_freezing(monkeypatch):
    """It would keep each test's rubbish for good."""
    monkeypatch.setattr(loaders, "_set_apart", lambda: None)
