import dataclasses

import numpy as np
import pytest

from core.labels import DEPICTION, MASK_3, NOT_A_FACE
from training.data.datasets import Faces
from training.fitting.batches import Batches, class_weights
from training.recipes._registry import load_recipe

RECIPE = dataclasses.replace(
    load_recipe("mask3"),
    classes=(),
    size=16,
    batch=32,
    pictures_per_epoch=2000,
    label_share={"with_mask": 0.5, "incorrect_mask": 0.3, "without_mask": 0.2},
    synthetic_share={"with_mask": 0.25, "incorrect_mask": 0.6},
)
EACH_ONCE = dataclasses.replace(RECIPE, sampling="each_once", pictures_per_epoch=None)
WITH, INCORRECT, WITHOUT = range(3)


def faces(units, drawn=(), sources=None) -> Faces:
    """Real faces of `units`, black, then drawn ones, grey."""
    n = len(units) + len(drawn)
    crops = np.zeros((n, 20, 20, 3), np.uint8)
    crops[len(units) :] = 200
    sources = tuple(sources or ["a"] * len(units)) + ("drawn",) * len(drawn)
    return Faces(crops, np.array([*units, *drawn]), sources, np.arange(n) >= len(units))


# One real incorrect picture among a hundred, as in life.
REAL = [WITH] * 60 + [INCORRECT] + [WITHOUT] * 39
SOME = faces(REAL, [WITH, INCORRECT, INCORRECT])


@pytest.fixture
def plain(monkeypatch):
    """Pictures come as they are, so that their grey says which they were."""
    monkeypatch.setattr("training.fitting.batches.augment_face", lambda picture, *_: picture)


def drawn_and_labels(made: Batches) -> tuple[np.ndarray, np.ndarray]:
    pictures, labels = (
        np.concatenate(column) for column in zip(*map(made.__getitem__, range(len(made))), strict=True)
    )
    return pictures[:, 0, 0, 0], labels.argmax(axis=1)


def shares(made: Batches) -> np.ndarray:
    return np.bincount(drawn_and_labels(made)[1], minlength=3) / 2000


def test_an_epoch_has_the_promised_pictures_in_the_promised_form():
    made = Batches(RECIPE, SOME)
    assert len(made) == 63  # 62 batches of 32 and one of 16
    pictures, labels = made[0]
    assert pictures.shape == (32, 16, 16, 3) and pictures.dtype == np.uint8
    assert labels.shape == (32, len(MASK_3)) and (labels.sum(axis=1) == 1).all()
    assert len(made[62][0]) == 16


def test_labels_come_as_often_as_the_recipe_says_however_rare_they_are(plain):
    assert shares(Batches(RECIPE, SOME)) == pytest.approx([0.5, 0.3, 0.2], abs=0.05)


def test_drawn_and_real_pictures_come_in_the_recipes_shares(plain):
    grey, true = drawn_and_labels(Batches(RECIPE, SOME))
    assert (grey[true == WITH] == 200).mean() == pytest.approx(0.25, abs=0.06)
    assert (grey[true == INCORRECT] == 200).mean() == pytest.approx(0.6, abs=0.08)
    assert not (grey[true == WITHOUT] == 200).any()


def test_without_drawn_pictures_the_labels_keep_their_shares(plain):
    assert shares(Batches(RECIPE, faces(REAL))) == pytest.approx([0.5, 0.3, 0.2], abs=0.05)


def test_a_label_that_the_data_lacks_is_never_drawn(plain):
    made = Batches(RECIPE, faces([WITH, WITHOUT] * 5))
    assert set(drawn_and_labels(made)[1]) == {WITH, WITHOUT}


def test_a_large_source_does_not_drown_a_small_one(plain):
    some = faces([WITHOUT] * 100, sources=["large"] * 96 + ["small"] * 4)
    some.crops[96:] = 255
    grey, _ = drawn_and_labels(Batches(RECIPE, some))
    # Weight 1 / sqrt(size): 4 of 100 pictures, yet sqrt(4) / (sqrt(4) + sqrt(96)) = .17 of the draws
    assert (grey == 255).mean() == pytest.approx(0.17, abs=0.04)


@pytest.mark.parametrize(("wanted", "most"), [(None, 1), (103, 1), (250, 3), (50, 1)])
def test_each_once_shows_no_picture_twice_before_all_were_shown(plain, wanted, most):
    some = dataclasses.replace(SOME, crops=SOME.crops.copy())
    some.crops[:] = np.arange(103)[:, None, None, None]
    grey, _ = drawn_and_labels(Batches(dataclasses.replace(EACH_ONCE, pictures_per_epoch=wanted), some))
    counts = np.bincount(grey, minlength=103)
    assert counts.sum() == (wanted or 103) and counts.max() == most and counts.min() >= most - 1


def test_the_same_seed_makes_the_same_batches_and_another_epoch_others():
    noise = np.random.default_rng(0).integers(0, 256, SOME.crops.shape, np.uint8)
    some = dataclasses.replace(SOME, crops=noise)
    one, two = (Batches(RECIPE, some) for _ in range(2))
    assert (one[3][0] == two[3][0]).all() and (one[3][1] == two[3][1]).all()
    one.on_epoch_end()
    assert (one[3][0] != two[3][0]).any()
    assert (one[3][0] == Batches(RECIPE, some, epoch=1)[3][0]).all()  # what a resumed run starts with
    other = Batches(dataclasses.replace(RECIPE, seed=1), some)
    assert (other[3][0] != two[3][0]).any()


def test_class_weights_make_rare_and_common_labels_weigh_the_same():
    assert class_weights(EACH_ONCE, SOME) is None
    weights = class_weights(dataclasses.replace(EACH_ONCE, class_weights=True), SOME)
    counts = np.bincount(SOME.class_indices)
    assert [weights[u] * n for u, n in enumerate(counts)] == pytest.approx([103 / 3] * 3)
    lacking = faces([WITH, WITH])
    assert class_weights(dataclasses.replace(EACH_ONCE, class_weights=True), lacking)[INCORRECT] == 0


FINER = dataclasses.replace(
    RECIPE,
    classes=load_recipe("mask3").classes,
    label_share={
        "with_mask": 0.4,
        "incorrect_mask": 0.3,
        "without_mask": 0.2,
        NOT_A_FACE: 0.08,
        DEPICTION: 0.02,
    },
)
CLASSES = FINER.class_set


def annotated(*known: tuple[str, str, int]) -> Faces:
    """Real faces: label, subtype, and how many."""
    return faces([CLASSES.annotation(label, subtype) for label, subtype, n in known for _ in range(n)])


def test_a_face_of_unknown_subtype_may_be_any_of_its_label(plain):
    some = annotated(("incorrect_mask", "", 1), ("incorrect_mask", "under_chin", 1), (NOT_A_FACE, "", 1))
    targets = np.concatenate([Batches(FINER, some)[i][1] for i in range(63)])
    rows = {tuple(row) for row in targets.astype(int).tolist()}
    wrong = [name.startswith("incorrect_mask/") for name in CLASSES.names]
    assert rows == {
        tuple(map(int, wrong)),
        tuple(int(name == "incorrect_mask/under_chin") for name in CLASSES.names),
        tuple(int(name == NOT_A_FACE) for name in CLASSES.names),
    }


def test_what_is_no_face_comes_as_often_as_the_recipe_says(plain):
    some = annotated(
        *(("with_mask", "", 50), ("incorrect_mask", "nose_out", 5), ("without_mask", "", 20)),
        *((NOT_A_FACE, "", 400), (DEPICTION, "", 3)),
    )
    _, targets = (
        np.concatenate(c) for c in zip(*map(Batches(FINER, some).__getitem__, range(63)), strict=True)
    )
    by_group = (targets @ CLASSES.group_table()).mean(axis=0)
    assert by_group == pytest.approx([0.4, 0.3, 0.2, 0.08, 0.02], abs=0.03)


def test_rare_ways_of_wearing_it_wrongly_come_more_often_than_they_are_there(plain):
    some = annotated(
        ("incorrect_mask", "nose_out", 81), ("incorrect_mask", "elsewhere", 9), ("with_mask", "", 9)
    )
    _, targets = (
        np.concatenate(c) for c in zip(*map(Batches(FINER, some).__getitem__, range(63)), strict=True)
    )
    rare = targets[:, CLASSES.names.index("incorrect_mask/elsewhere")].sum()
    common = targets[:, CLASSES.names.index("incorrect_mask/nose_out")].sum()
    assert rare / (rare + common) == pytest.approx(
        0.25, abs=0.05
    )  # sqrt(9) of sqrt(9) + sqrt(81); there is a tenth


def test_class_weights_of_finer_classes_are_those_of_their_label():
    some = annotated(("incorrect_mask", "nose_out", 1), ("incorrect_mask", "", 1), ("with_mask", "", 6))
    weights = class_weights(dataclasses.replace(FINER, class_weights=True), some)
    by_name = {CLASSES.names[index]: weight for index, weight in weights.items()}
    assert by_name["with_mask"] * 6 == pytest.approx(8 / 5) and by_name["without_mask"] == 0
    assert {by_name[name] * 2 for name in CLASSES.names if "/" in name} == {8 / 5}
