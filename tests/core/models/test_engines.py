"""Which engine runs a network: the one asked for, else the one that is set, else what the machine has."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest

from core import settings
from core.errors import ModelError, SettingsError
from core.models import EngineName, engines, load_engine

BOTH = SimpleNamespace(name="toy", weights={"onnx": None, "keras": None}, input_size=32)
ONNX_ONLY = SimpleNamespace(name="toy", weights={"onnx": None}, input_size=32)


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """Engines that say their name alone, on a machine without a GPU."""
    monkeypatch.delenv(settings.ENGINE.name, raising=False)
    monkeypatch.setattr(
        engines, "_ENGINES", {name: lambda *_, name=name: name for name in get_args(EngineName)}
    )
    monkeypatch.setattr(engines, "has_gpu", lambda: False)


def loaded(card=BOTH, name=None):
    return load_engine(Path("models"), card, name)


def test_a_cpu_runs_onnx_and_a_gpu_keras_where_there_are_such_weights(monkeypatch):
    assert loaded() == "onnx"
    monkeypatch.setattr(engines, "has_gpu", lambda: True)
    assert (loaded(), loaded(ONNX_ONLY)) == ("keras", "onnx")


def test_the_setting_goes_before_the_machine_and_the_caller_before_the_setting(monkeypatch):
    monkeypatch.setenv(settings.ENGINE.name, "keras")
    assert (loaded(), loaded(name="onnx")) == ("keras", "onnx")


def test_one_that_is_not_known_is_refused(monkeypatch):
    with pytest.raises(ModelError, match=r"Unknown engine 'abacus'. Choose one of: onnx, keras"):
        loaded(name="abacus")
    monkeypatch.setenv(settings.ENGINE.name, "abacus")
    with pytest.raises(SettingsError, match=settings.ENGINE.name):
        loaded()


def test_no_framework_is_asked_where_no_driver_is(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert engines.has_gpu() is False
