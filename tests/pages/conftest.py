"""What the tests of pages leave out: work that a real server does once."""

from __future__ import annotations

import pytest

from core import settings
from ui import loaders


@pytest.fixture(autouse=True)
def _no_freezing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would keep each test's rubbish for good."""
    monkeypatch.setattr(loaders, "_set_apart", lambda: None)


@pytest.fixture(autouse=True)
def _for_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests have no browser that could show the owner's cookie."""
    monkeypatch.setenv(settings.TRUST_VISITORS.name, "1")
