"""Visitors read no path of the machine, whichever of its folders a message names."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import settings
from core.files import redact_paths
from core.files.redaction import ROOT


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch):
    for name in (settings.MODELS.name, settings.RUNS.name, settings.YUNET.name, "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("setting", [settings.MODELS, settings.RUNS], ids=lambda s: s.name)
def test_folders_that_are_set_are_left_out(setting, monkeypatch, tmp_path):
    said = f"{tmp_path}/mine/card.json: is absent."
    assert redact_paths(said) == said
    monkeypatch.setenv(setting.name, str(tmp_path))
    assert redact_paths(said) == "mine/card.json: is absent."


def test_so_is_the_folder_of_a_file_that_is_set_and_the_cache(monkeypatch, tmp_path):
    monkeypatch.setenv(settings.YUNET.name, str(tmp_path / "weights" / "yunet.onnx"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert redact_paths(f"{tmp_path}/weights/yunet.onnx differs") == "yunet.onnx differs"
    assert redact_paths(f"{tmp_path}/cache/maskwise/x") == "maskwise/x"
    assert redact_paths(f"{Path.home()}/.cache/maskwise/x") == "maskwise/x"


def test_the_inner_of_two_folders_goes_first(monkeypatch):
    monkeypatch.setenv(settings.RUNS.name, str(ROOT / "runs"))
    assert redact_paths(f"{ROOT}/runs/mask3-v1 and {ROOT}/models") == "mask3-v1 and models"


def test_a_link_and_where_it_leads_are_both_left_out(monkeypatch, tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    monkeypatch.setenv(settings.MODELS.name, str(tmp_path / "link"))
    assert redact_paths(f"{tmp_path}/link/a, {tmp_path}/there/b") == "a, b"


@pytest.mark.parametrize("value", ["/", "relative", "yunet.onnx"])
def test_what_is_no_folder_of_its_own_changes_nothing(value, monkeypatch):
    for setting in (settings.MODELS, settings.YUNET):
        monkeypatch.setenv(setting.name, value)
    said = "/etc/hosts and relative/path and yunet.onnx"
    assert redact_paths(said) == said
