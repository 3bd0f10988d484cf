"""How probabilities become an answer, and whose word on that holds: the card's, or a user's beside it."""

from __future__ import annotations

import json

import pytest

from core.decision import OperatingPoint
from core.errors import RecordError
from core.models.card import CARD_FILE, ModelCard, read_card, write_card
from core.models.installed import folders
from core.models.operating_points import (
    OPERATING_POINT_FILE,
    operating_point_from_card,
    read_operating_point,
    save_operating_point,
    take_back_operating_point,
)

TIME = "2026-01-02T03:04:05+00:00"


@pytest.fixture
def card() -> ModelCard:
    return read_card(folders()["mask3"])


def test_the_card_holds_until_a_user_sets_a_point_and_takes_it_back(tmp_path, card):
    write_card(tmp_path, card)
    before = (tmp_path / CARD_FILE).read_bytes()
    assert (
        read_operating_point(tmp_path, card)
        == operating_point_from_card(card)
        == OperatingPoint(card.quality.min_margin.value)
    )
    for point in (OperatingPoint(0.1, 0.3), OperatingPoint(0.6)):
        save_operating_point(tmp_path, card, point, TIME)
        assert read_operating_point(tmp_path, card) == point
    saved = json.loads((tmp_path / OPERATING_POINT_FILE).read_text())
    assert saved == {
        "schema": 1,
        "model": "mask3",
        "weights_sha256": card.weights["onnx"].sha256,
        "min_margin": 0.6,
        "alarm_threshold": None,
        "saved_at": TIME,
    }
    take_back_operating_point(tmp_path)
    take_back_operating_point(tmp_path)  # what is taken back already stays so
    assert read_operating_point(tmp_path, card) == operating_point_from_card(card)
    assert (tmp_path / CARD_FILE).read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [CARD_FILE]


def test_a_point_for_other_weights_is_not_used(tmp_path, card):
    save_operating_point(tmp_path, card, OperatingPoint(0.1, 0.3), TIME)
    other = card.weights["onnx"].model_copy(update={"sha256": "0" * 64})
    retrained = card.model_copy(update={"weights": {"onnx": other}})
    with pytest.raises(RecordError, match="other weights"):
        read_operating_point(tmp_path, retrained)


def test_a_model_without_onnx_is_known_by_its_keras_weights(tmp_path, card):
    keras = card.model_copy(update={"weights": {"keras": card.weights["keras"]}})
    save_operating_point(tmp_path, keras, OperatingPoint(0.1), TIME)
    assert read_operating_point(tmp_path, keras) == OperatingPoint(0.1)
    with pytest.raises(RecordError, match="other weights"):
        read_operating_point(tmp_path, card)


def test_a_card_without_weights_has_no_operating_point_of_a_user(tmp_path, card):
    empty = card.model_copy(update={"weights": {}})
    with pytest.raises(RecordError, match="weights"):
        save_operating_point(tmp_path, empty, OperatingPoint(), TIME)


@pytest.mark.parametrize(
    "change",
    [
        {"alarm_threshold": 0},
        {"alarm_threshold": 1},
        {"alarm_threshold": "NaN"},
        {"min_margin": -0.1},
        {"min_margin": 1.1},
        {"min_margin": "NaN"},
        {"min_margin": None},
        {"schema": 2},
        {"more": 1},
    ],
    ids=str,
)
def test_a_broken_point_is_refused_by_name(change, tmp_path, card):
    save_operating_point(tmp_path, card, OperatingPoint(0.1, 0.3), TIME)
    path = tmp_path / OPERATING_POINT_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(RecordError, match=rf"operating_point\.json: .*{next(iter(change))}"):
        read_operating_point(tmp_path, card)


def test_what_cannot_be_written_or_removed_says_what_to_do(tmp_path, card):
    (tmp_path / "model").write_text("a file where a folder should be")
    with pytest.raises(RecordError, match="nothing changed"):
        save_operating_point(tmp_path / "model", card, OperatingPoint(), TIME)
    (tmp_path / OPERATING_POINT_FILE).mkdir()
    with pytest.raises(RecordError, match="by hand"):
        take_back_operating_point(tmp_path)
    with pytest.raises(RecordError, match="not a plain file"):
        read_operating_point(tmp_path, card)
