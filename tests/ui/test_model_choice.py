"""Which weights the pages offer, and why others are not, by `MASKWISE_WEIGHTS`."""

from __future__ import annotations

import json
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from core import settings
from core.models import installed

SHIPPED = installed.SHIPPED
FREE = {"name": "here", "role": "pictures", "licence": "CC0", "use": "any", "pictures": 3}


@pytest.fixture
def both_sets(tmp_path, monkeypatch):
    """The shipped weights for research, and copies of them that may be used for anything."""
    for name in ("mask3", "face_fpn"):
        shutil.copytree(SHIPPED / name, tmp_path / name)
        copy = shutil.copytree(SHIPPED / name, tmp_path / f"{name}_open")
        (card,) = copy.glob("*.json")
        fields = json.loads(card.read_text()) | {"name": copy.name, "use": "any", "data": [FREE]}
        card.write_text(json.dumps(fields))
    monkeypatch.setattr(installed, "SHIPPED", tmp_path)
    monkeypatch.delenv(settings.MODELS.name, raising=False)


def picker() -> AppTest:
    def script():
        from ui import model_choice

        model_choice.choose_model()

    app = AppTest.from_function(script, default_timeout=20).run()
    assert not app.exception and not app.error
    return app


def test_both_sets_are_offered_where_nothing_is_set(both_sets, monkeypatch):
    monkeypatch.delenv(settings.WEIGHTS.name, raising=False)
    app = picker()
    assert app.selectbox(key="model").options == ["mask3", "mask3_open"]
    assert app.selectbox(key="model").value == "mask3"
    assert app.selectbox(key="detector").options[:2] == ["face_fpn", "face_fpn_open"]
    assert app.caption[0].value.endswith("Its weights are for research and non-commercial use.")
    app.selectbox(key="model").select("mask3_open").run()
    assert app.caption[0].value.endswith("Its weights are for any use, as far as the licences claimed go.")


def test_with_open_only_weights_for_any_use_are_offered_and_why_others_are_not(both_sets, monkeypatch):
    monkeypatch.setenv(settings.WEIGHTS.name, "open")
    app = picker()
    assert app.selectbox(key="model").options == ["mask3_open"]
    offered = app.selectbox(key="detector").options
    assert offered[0] == "face_fpn_open" and "face_fpn" not in offered
    why = {expander.label: expander.caption[0].value for expander in app.expander}
    for name in ("mask3", "face_fpn"):
        assert "does not allow any use, and MASKWISE_WEIGHTS is open" in why[f"Why {name} is missing"]
