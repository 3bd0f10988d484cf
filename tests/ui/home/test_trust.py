from __future__ import annotations

from types import SimpleNamespace

import pytest

from core.labels import MASK_3
from core.models.card import LabelScore
from ui.home.trust import headline


def score(source: str, label: str, hits: int, n: int) -> LabelScore:
    wrong = next(name for name in MASK_3 if name != label)
    predicted = {label: hits, wrong: n - hits}
    return LabelScore(source=source, label=label, n=n, predicted=predicted, recall=hits / n, interval=(0, 1))


def card(*scores: LabelScore) -> SimpleNamespace:
    return SimpleNamespace(label_set=MASK_3, test=scores, trained_by="no such run")


def test_sources_are_added_up_with_n_and_interval():
    words = headline(card(score("a", "with_mask", 80, 90), score("b", "with_mask", 1, 10)))
    # Wilson's interval of 81 of 100, worked by hand: (0.8292 ± 0.0789) / 1.0384.
    assert "81 of 100 correct, 81.0% (95% interval 72.2% to 87.5%)" in words
    assert "2 collections" in words


def test_every_label_that_was_tested_has_a_line_and_no_other():
    words = headline(card(score("a", "with_mask", 5, 5), score("a", "without_mask", 4, 5)))
    assert words.count("\n- ") == 2
    assert "Worn incorrectly" not in words and "1 collection," in words


@pytest.mark.parametrize(
    "scores",
    [
        (),
        (LabelScore(source="a", label="with_mask", n=0, predicted={}, recall=float("nan"), interval=(0, 1)),),
    ],
)
def test_without_test_faces_nothing_is_claimed(scores):
    assert headline(card(*scores)) == ""
