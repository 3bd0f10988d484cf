from __future__ import annotations

import pytest
from starlette.formparsers import MultiPartParser

from ui.server.uploads import keep_in_memory


def test_uploads_never_spill(monkeypatch):
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 2**20)
    keep_in_memory()
    assert MultiPartParser.spool_max_size == 0


def test_a_server_without_the_switch_is_not_started(monkeypatch):
    monkeypatch.delattr(MultiPartParser, "spool_max_size")
    with pytest.raises(RuntimeError, match="requirements.txt"):
        keep_in_memory()
