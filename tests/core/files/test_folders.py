"""Folders of records in one that a user named. Hostile ones are in tests/core/test_hostile_folders.py."""

from __future__ import annotations

import logging

import pytest

from core.errors import RecordError
from core.files import displayable_name, folders, folders_with, require_displayable_name


def with_cards(root, *names):
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / "card.json").touch()
    return root


def test_those_that_hold_one_of_the_files_by_name(tmp_path):
    with_cards(tmp_path, "b", "a")
    (tmp_path / "other").mkdir()
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "metrics.jsonl").touch()
    assert list(folders_with(tmp_path, "card.json")) == ["a", "b"]
    assert folders_with(tmp_path, "card.json", "metrics.jsonl")["c"] == tmp_path / "c"


def test_of_too_many_the_first_are_offered_and_the_log_says_so(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(folders, "MAX_FOUND", 2)
    with_cards(tmp_path, "c", "a", "b")
    with caplog.at_level(logging.WARNING):
        assert list(folders_with(tmp_path, "card.json")) == ["a", "b"]
    assert "The first 2 are offered" in caplog.text


def test_no_more_names_are_looked_at_than_are_allowed(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(folders, "MAX_LISTED", 1)
    with_cards(tmp_path, "b", "a")
    with caplog.at_level(logging.WARNING):
        assert list(folders_with(tmp_path, "card.json")) == ["a"]
    assert "too many" in caplog.text


@pytest.mark.parametrize(
    ("name", "shown"),
    [("mask3-v1", "mask3-v1"), ("masque été", "masque été"), ("a\nb", r"a\nb"), ("a\u202eb", r"a\u202eb")],
)
def test_a_name_that_cannot_be_shown_is_spelled_out_and_refused(tmp_path, name, shown):
    assert displayable_name(name) == shown
    if name == shown:
        require_displayable_name(tmp_path / name)
        return
    with pytest.raises(RecordError) as problem:
        require_displayable_name(tmp_path / name)
    assert str(problem.value).startswith(f"{shown}: ") and "Rename it" in str(problem.value)
