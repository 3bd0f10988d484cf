import dataclasses

import numpy as np
import pytest

from core.labels import MASK_3
from training.batches import Batches
from training.recipe import load_recipe

RECIPE = dataclasses.replace(
    load_recipe("mask3"),
    size=16,
    batch=32,
    pictures_per_epoch=2000,
    label_share={"with_mask": 0.5, "incorrect_mask": 0.3, "without_mask": 0.2},
    drawn_share={"with_mask": 0.25, "incorrect_mask": 0.6},
)
WITH, INCORRECT, WITHOUT = range(3)
# One real incorrect picture among a hundred, as in life. Grey says which picture it was.
LABELS = np.array([WITH] * 60 + [INCORRECT] + [WITHOUT] * 39)
CROPS = np.zeros((100, 20, 20, 3), np.uint8)
DRAWN_LABELS = np.array([WITH, INCORRECT, INCORRECT])
DRAWN = np.zeros((3, 20, 20, 3), np.uint8)


def batches(recipe=RECIPE, drawn=DRAWN, drawn_labels=DRAWN_LABELS, sources=None, labels=LABELS):
    sources = sources or ["a"] * len(labels)
    return Batches(recipe, CROPS[: len(labels)], labels, sources, drawn, drawn_labels)


def labels_of(made: Batches) -> np.ndarray:
    return np.concatenate([made[i][1] for i in range(len(made))]).argmax(axis=1)


def test_an_epoch_has_the_promised_pictures_in_the_promised_form():
    made = batches()
    assert len(made) == 63  # 62 batches of 32 and one of 16
    pictures, labels = made[0]
    assert pictures.shape == (32, 16, 16, 3) and pictures.dtype == np.uint8
    assert labels.shape == (32, len(MASK_3)) and (labels.sum(axis=1) == 1).all()
    assert len(made[62][0]) == 16


def test_labels_come_as_often_as_the_recipe_says_however_rare_they_are():
    shares = np.bincount(labels_of(batches()), minlength=3) / 2000
    assert shares == pytest.approx([0.5, 0.3, 0.2], abs=0.05)


def test_drawn_and_real_pictures_come_in_the_recipes_shares(monkeypatch):
    made = batches()
    monkeypatch.setattr("training.batches.augment", lambda picture, size, rng: picture)
    made._pictures = (CROPS, DRAWN + 200)
    drawn, true = [], []
    for i in range(len(made)):
        pictures, labels = made[i]
        drawn += list(pictures[:, 0, 0, 0] == 200)
        true += list(labels.argmax(axis=1))
    drawn, true = np.array(drawn), np.array(true)
    assert drawn[true == WITH].mean() == pytest.approx(0.25, abs=0.06)
    assert drawn[true == INCORRECT].mean() == pytest.approx(0.6, abs=0.08)
    assert not drawn[true == WITHOUT].any()


def test_without_drawn_pictures_the_labels_keep_their_shares():
    nothing = np.empty((0, 20, 20, 3), np.uint8), np.empty(0, np.int64)
    shares = np.bincount(labels_of(batches(drawn=nothing[0], drawn_labels=nothing[1])), minlength=3) / 2000
    assert shares == pytest.approx([0.5, 0.3, 0.2], abs=0.05)


def test_a_label_that_the_data_lacks_is_never_drawn():
    nothing = np.empty((0, 20, 20, 3), np.uint8), np.empty(0, np.int64)
    made = batches(drawn=nothing[0], drawn_labels=nothing[1], labels=np.array([WITH, WITHOUT] * 5))
    assert set(labels_of(made)) == {WITH, WITHOUT}


def test_a_large_source_does_not_drown_a_small_one(monkeypatch):
    monkeypatch.setattr("training.batches.augment", lambda picture, size, rng: picture)
    labels = np.full(100, WITHOUT)
    sources = ["large"] * 96 + ["small"] * 4
    made = batches(labels=labels, sources=sources)
    crops = CROPS.copy()
    crops[96:] = 255
    made._pictures = (crops, DRAWN)
    pictures = np.concatenate([made[i][0] for i in range(len(made))])
    real = pictures[labels_of(made) == WITHOUT]
    # Weight 1 / sqrt(size): 4 of 100 pictures, yet sqrt(4) / (sqrt(4) + sqrt(96)) = .17 of the draws
    assert (real[:, 0, 0, 0] == 255).mean() == pytest.approx(0.17, abs=0.06)


def test_the_same_seed_makes_the_same_batches_and_another_epoch_others():
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 256, CROPS.shape, np.uint8)
    one, two = (Batches(RECIPE, crops, LABELS, ["a"] * 100, DRAWN, DRAWN_LABELS) for _ in range(2))
    assert (one[3][0] == two[3][0]).all() and (one[3][1] == two[3][1]).all()
    one.on_epoch_end()
    assert (one[3][0] != two[3][0]).any()
    two.on_epoch_end()
    assert (one[3][0] == two[3][0]).all()
    other = Batches(dataclasses.replace(RECIPE, seed=1), crops, LABELS, ["a"] * 100, DRAWN, DRAWN_LABELS)
    assert (other[3][0] != Batches(RECIPE, crops, LABELS, ["a"] * 100, DRAWN, DRAWN_LABELS)[3][0]).any()
