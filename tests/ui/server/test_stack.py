"""What is checked before the server is made."""

from __future__ import annotations

import pytest

from core import settings
from core.models import installed
from ui.server import stack


@pytest.mark.parametrize("setting", [settings.MAX_VIEWERS, settings.ALL_VISITS_MB], ids=lambda s: s.name)
def test_a_setting_that_cannot_be_used_ends_the_app_at_its_start(setting, monkeypatch):
    monkeypatch.setenv(setting.name, "many")
    with pytest.raises(SystemExit, match=f"{setting.name} is 'many'. It takes a whole number"):
        stack.prepare()


def test_weights_for_any_use_that_are_not_installed_end_the_app_at_its_start(tmp_path, monkeypatch):
    monkeypatch.setattr(installed, "SHIPPED", tmp_path)
    monkeypatch.delenv(settings.MODELS.name, raising=False)
    monkeypatch.setenv(settings.WEIGHTS.name, "open")
    with pytest.raises(SystemExit, match="MASKWISE_WEIGHTS is open, but mask3_open is not installed"):
        stack.prepare()
