"""Weights beside their card: those that it names, whole, and no others."""

from __future__ import annotations

import hashlib
import os
from types import SimpleNamespace

import pytest

from core.errors import ModelError
from core.models import Weights, read_weights, sha256_of, weights

CONTENT = b"numbers without end"


@pytest.fixture
def card(tmp_path):
    (tmp_path / "model.onnx").write_bytes(CONTENT)
    named = Weights(file="model.onnx", sha256=hashlib.sha256(CONTENT).hexdigest())
    return SimpleNamespace(name="toy", weights={"onnx": named}, input_size=32)


def test_they_are_read_as_they_are(tmp_path, card):
    assert read_weights(tmp_path, card, "onnx") == CONTENT
    assert sha256_of(tmp_path / "model.onnx") == card.weights["onnx"].sha256


def test_an_engine_without_weights_is_named_with_the_way_to_make_them(tmp_path, card):
    with pytest.raises(ModelError, match=r"'toy' has no weights for keras. Export it"):
        read_weights(tmp_path, card, "keras")


def test_others_than_the_card_names_are_not_loaded(tmp_path, card):
    (tmp_path / "model.onnx").write_bytes(CONTENT[::-1])
    with pytest.raises(ModelError, match="sha256 differs"):
        read_weights(tmp_path, card, "onnx")


def test_more_bytes_than_are_allowed_are_not_read(tmp_path, card, monkeypatch):
    monkeypatch.setattr(weights, "MAX_WEIGHTS_BYTES", len(CONTENT) - 1)
    with pytest.raises(ModelError, match=r"more than the 18 bytes allowed"):
        read_weights(tmp_path, card, "onnx")


def test_what_is_missing_or_no_file_is_named(tmp_path, card):
    path = tmp_path / "model.onnx"
    path.unlink()
    with pytest.raises(ModelError, match=r"is missing. Restore it"):
        read_weights(tmp_path, card, "onnx")
    os.mkfifo(path)
    with pytest.raises(ModelError, match="not a plain file"):
        read_weights(tmp_path, card, "onnx")
