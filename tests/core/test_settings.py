"""What the environment may set: read in one place, as documented, and refused in words."""

from __future__ import annotations

import argparse
import ast
import logging
import re
from pathlib import Path
from typing import get_args

import pytest

from core import settings
from core.__main__ import main
from core.errors import SettingsError
from core.models import EngineName
from core.settings import Setting, all_settings
from training.data import one_line_errors

ROOT = Path(__file__).parents[2]
PRODUCT = ("app.py", "core", "ui", "pages", "training", "bench")
TURN = '[{"urls": "turn:turn.example.org:3478", "username": "me", "credential": "word"}]'

# By setting: what it takes and what is meant by it, and what it does not take.
GOOD = {
    "MAX_VIEWERS": {"1": 1, "7": 7},
    "VISIT_MB": {"12": 12},
    "ALL_VISITS_MB": {"12": 12},
    "ENGINE": {name: name for name in get_args(EngineName)},
    "WEIGHTS": {"research": "research", "open": "open"},
    "TRUST_VISITORS": {"1": True, "0": False},
    "METRICS": {"1": True, "0": False},
    "OFFLINE": {"1": True, "0": True, "no": True},  # nothing is fetched by mistake
    "OWNERS": {"Ada@Example.org, bob@example.org,": {"ada@example.org", "bob@example.org"}, ",": set()},
    "MODELS": {"/models": Path("/models"), "relative": Path("relative")},
    "ICE_SERVERS": {"[]": ()},
}
BAD = {
    "MAX_VIEWERS": ("0", "-3", "1.5", "many", " 4"),
    "VISIT_MB": ("0", "much", "-1"),
    "ALL_VISITS_MB": ("0", "1e3"),
    "ENGINE": ("abacus", "ONNX"),
    "WEIGHTS": ("Open", "any", "1"),
    "TRUST_VISITORS": ("true", "yes", "2"),
    "METRICS": ("true", "on"),
    "ICE_SERVERS": ("[", "5", TURN.replace("credential", "password")),
}


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch):
    for setting in all_settings():
        monkeypatch.delenv(setting.name, raising=False)


def cases(table):
    return [
        pytest.param(getattr(settings, name), given, id=f"{name}={given}")
        for name in table
        for given in table[name]
    ]


@pytest.mark.parametrize("setting", all_settings(), ids=lambda s: s.name)
def test_without_a_value_or_with_an_empty_one_it_is_the_default(setting: Setting, monkeypatch):
    assert setting.get() is setting.default
    monkeypatch.setenv(setting.name, "")
    assert setting.get() is setting.default


@pytest.mark.parametrize(("setting", "given"), cases(GOOD))
def test_what_it_takes(setting, given, monkeypatch):
    monkeypatch.setenv(setting.name, given)
    assert setting.get() == GOOD[setting.name.removeprefix(settings.PREFIX)][given]
    settings.check()


@pytest.mark.parametrize(("setting", "given"), cases(BAD))
def test_what_it_does_not_take_is_told_with_what_it_does(setting, given, monkeypatch):
    monkeypatch.setenv(setting.name, given)
    for ask in (setting.get, settings.check):
        with pytest.raises(SettingsError) as problem:
            ask()
        said = str(problem.value)
        assert said.startswith(setting.name) and setting.values in said
        assert "cannot be read" in said and "word" not in said if setting.is_secret else repr(given) in said


def test_a_wrong_value_is_shown_short_and_cannot_steer_a_terminal(monkeypatch):
    monkeypatch.setenv(settings.ENGINE.name, "\x1b[2J" * 1000)
    with pytest.raises(SettingsError) as problem:
        settings.check()
    assert "\x1b" not in str(problem.value) and len(str(problem.value)) < 500


def test_a_value_is_parsed_once_and_again_when_it_has_changed(monkeypatch):
    parsed = []
    setting = Setting("MASKWISE_TEST", lambda text: parsed.append(text) or text, None, "", "", "", "")
    for given in ("a", "b", "a"):
        monkeypatch.setenv(setting.name, given)
        assert setting.get() == setting.get() == given
    assert parsed == ["a", "b"]


def test_a_wrong_value_stops_no_other_setting(monkeypatch):
    monkeypatch.setenv(settings.MAX_VIEWERS.name, "many")
    assert settings.VISIT_MB.get() == 256


def test_a_command_ends_at_its_start(monkeypatch, capsys):
    monkeypatch.setenv(settings.MAX_VIEWERS.name, "many")
    assert main(["models"]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("error: MASKWISE_MAX_VIEWERS is 'many'")


def test_so_does_every_command_of_training():
    commands = [f for f in (ROOT / "training").rglob("*.py") if "raise SystemExit(" in f.read_text("utf-8")]
    assert len(commands) > 8
    assert [f.name for f in commands if "    with one_line_errors(parser)" not in f.read_text("utf-8")] == []


def test_errors_of_a_command_begin_with_those_of_its_settings(monkeypatch, capsys):
    monkeypatch.setenv(settings.MAX_VIEWERS.name, "many")
    begun = []
    with pytest.raises(SystemExit) as ended, one_line_errors(argparse.ArgumentParser()):
        begun.append("work")
    assert ended.value.code == 1 and not begun
    assert capsys.readouterr().err.startswith("error: MASKWISE_MAX_VIEWERS is 'many'")


def test_a_slip_in_a_name_is_logged(monkeypatch, caplog):
    monkeypatch.setenv("MASKWISE_MODEL", "/models")
    monkeypatch.setenv("MASKWISE_x\x1b", "1")
    monkeypatch.setenv("OTHERS", "1")
    with caplog.at_level(logging.WARNING):
        settings.check()
    slip, strange = caplog.messages
    assert slip.startswith("MASKWISE_MODEL is no setting") and slip.endswith("Did you mean MASKWISE_MODELS?")
    assert "\x1b" not in strange


def test_the_table_in_the_documents_is_that_of_the_code():
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    documented = [line for line in text.splitlines() if line.startswith("| `")]
    assert documented == [
        f"| `{s.name}` | {s.values} | {s.default_words} | {s.where} | {s.meaning} |" for s in all_settings()
    ]


def test_no_other_file_reads_our_variables():
    """By their names, which stand in no other file but for words to people."""
    files = [ROOT / part for part in PRODUCT]
    files = [file for part in files for file in ([part] if part.is_file() else part.rglob("*.py"))]
    assert len(files) > 200
    found = []
    for file in files:
        if file == ROOT / "core/settings.py":
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found += [f"{file.name}: {node.value}"] if re.fullmatch(r"MASKWISE_\w*", node.value) else []
    assert found == []
