"""The command that kills writers, with few kills; and that it would see what is torn."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from bench.kills import kill_once, torn
from core.models.card import CARD_FILE
from core.models.installed import DEFAULT, SHIPPED

pytestmark = pytest.mark.alone


def test_records_are_whole_after_each_kill(tmp_path: Path):
    chance = random.Random(0)
    assert [kill_once("records", tmp_path, chance) for _ in range(8)] == [None] * 8
    assert (tmp_path / "predictions.csv").exists() and (tmp_path / "operating_point.json").exists()


def test_a_writer_that_fails_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RuntimeError, match="writer of records failed"):
        kill_once("records", tmp_path / "file", random.Random(0))


@pytest.mark.parametrize("file", ["operating_point.json", "evaluation.json", "predictions.csv", CARD_FILE])
def test_half_a_record_would_be_seen(tmp_path: Path, file: str):
    assert kill_once("records", tmp_path, random.Random(3)) is None
    whole = (tmp_path / file).read_text()
    (tmp_path / file).write_text(whole[: len(whole) // 2])
    assert "records: RecordError" in (torn("records", tmp_path) or "")


def test_half_a_network_would_be_seen(tmp_path: Path):
    best = tmp_path / "run-0" / "checkpoints" / "best.keras"
    best.parent.mkdir(parents=True)
    best.write_bytes((SHIPPED / DEFAULT / "model.keras").read_bytes()[:100_000])
    assert "BadZipFile" in (torn("training", tmp_path) or "")


def test_new_weights_beside_an_old_card_would_be_seen(tmp_path: Path):
    shutil.copytree(SHIPPED / DEFAULT, tmp_path / DEFAULT)
    assert torn("export", tmp_path) is None
    (tmp_path / DEFAULT / "model.onnx").write_bytes(b"new")
    assert "ModelError" in (torn("export", tmp_path) or "")
