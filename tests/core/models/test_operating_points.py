"""How probabilities become an answer, and whose word on that holds: the card's, or a user's beside it."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest

from core.decision import OperatingPoint, alarm_classes, decide
from core.errors import RecordError
from core.labels import GENDER_WEAR_8, MASK_2, MASK_3, WEAR_4
from core.models.card import CARD_FILE, ModelCard, read_card, write_card
from core.models.installed import folders
from core.models.operating_points import (
    OPERATING_POINT_FILE,
    operating_point_from_card,
    read_operating_point,
    save_operating_point,
    take_back_operating_point,
)

ALARMS = np.array([False, True, True])
TIME = "2026-01-02T03:04:05+00:00"


@pytest.fixture
def card() -> ModelCard:
    return read_card(folders()["mask3"])


def decided(probabilities, threshold=None, alarms=ALARMS):
    units, leads = decide(np.array([probabilities]), alarms, OperatingPoint(0.0, threshold))
    return int(units[0]), float(leads[0])


def test_without_a_threshold_the_most_probable_label_answers():
    assert decided((0.45, 0.35, 0.20)) == (0, pytest.approx(0.10))


def test_labels_that_raise_an_alarm_are_weighed_together():
    # 55 % for an alarm: even odds at a threshold of 50 % leave a lead of 10 points.
    assert decided((0.45, 0.35, 0.20), 0.5) == (1, pytest.approx(0.10))


def test_above_its_share_no_alarm_label_answers_however_probable():
    assert decided((0.10, 0.20, 0.70), 0.95) == (0, pytest.approx((0.1 * 0.95 - 0.9 * 0.05) / 0.14))


def test_at_the_threshold_an_alarm_has_no_lead():
    assert decided((0.75, 0.25, 0.0), 0.25) == (1, pytest.approx(0))


def test_sure_faces_lead_by_all_at_any_threshold():
    assert decided((0.0, 0.0, 1.0), 0.99) == (2, pytest.approx(1))
    assert decided((1.0, 0.0, 0.0), 0.01) == (0, pytest.approx(1))


def test_two_labels_at_a_half_are_as_without_a_threshold():
    share = np.random.default_rng(0).uniform(size=500)
    probabilities, alarms = np.stack([1 - share, share], axis=1), np.array([False, True])
    plain = decide(probabilities, alarms, OperatingPoint())
    halved = decide(probabilities, alarms, OperatingPoint(0.0, 0.5))
    np.testing.assert_array_equal(plain[0], halved[0])
    np.testing.assert_allclose(plain[1], halved[1])


def test_a_lower_threshold_never_takes_an_alarm_away():
    probabilities = np.random.default_rng(1).dirichlet((1, 1, 1), 300)
    raised = [
        ALARMS[decide(probabilities, ALARMS, OperatingPoint(0.0, t))[0]] for t in (0.1, 0.3, 0.5, 0.7, 0.9)
    ]
    assert all((more | ~fewer).all() for more, fewer in itertools.pairwise(raised))
    assert raised[0].sum() > raised[-1].sum()


def test_where_nothing_raises_an_alarm_the_threshold_is_left_out():
    assert decided((0.2, 0.3, 0.5), 0.01, np.zeros(3, bool)) == (2, pytest.approx(0.2))


@pytest.mark.parametrize("threshold", [None, 0.5])
def test_no_faces_are_no_answers(threshold):
    units, leads = decide(np.empty((0, 3)), ALARMS, OperatingPoint(0.0, threshold))
    assert units.shape == leads.shape == (0,)


@pytest.mark.parametrize(
    ("labels", "raise_one"),
    [
        (MASK_2, [False, True]),
        (MASK_3, [False, True, True]),
        (WEAR_4, [False, True, True, True]),
        (GENDER_WEAR_8, [False, True, True, True] * 2),
        (("without_mask", "with_mask"), [True, False]),
        (("helmet", "no_helmet"), [False, False]),
        (("with_mask", "without_mask", "scarf"), [False] * 3),
        (("incorrect_mask", "without_mask"), [False, False]),
        (("with_mask", "covers_nose_and_mouth"), [False, False]),
    ],
)
def test_which_labels_raise_an_alarm(labels, raise_one):
    assert alarm_classes(labels).tolist() == raise_one


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
