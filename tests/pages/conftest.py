"""What the tests of pages leave out: work that a real server does once."""

from __future__ import annotations

import pytest

from ui import loaders


@pytest.fixture(autouse=True)
def _no_freezing(monkeypatch):
    """It would keep each test's rubbish for good."""
    monkeypatch.setattr(loaders, "_set_apart", lambda: None)
