import dataclasses
from pathlib import Path

import numpy as np
import pytest

from core.errors import DetectorError, RecordError
from core.labels import MASK_2, MASK_3
from training.data import datasets
from training.data.datasets import Faces, load_dataset
from training.data.example import Example, Manifest
from training.recipes._registry import load_recipe

FINER = dataclasses.replace(load_recipe("mask3"), size=16, validation_share=0.3)
RECIPE = dataclasses.replace(FINER, classes=())


def example(i: int, split: str = "", source: str = "a", label: str = "with_mask") -> Example:
    return Example(Path(f"{i}.png"), label, source, f"{source}/{i}", split)


@pytest.fixture(autouse=True)
def _no_files(monkeypatch):
    """Pictures are noise, the same for the same name; faces have no landmarks."""

    def load(examples, size, scale):
        noise = [np.random.default_rng(int(e.path.stem)).integers(0, 255, (size, size, 3)) for e in examples]
        return np.array(noise, np.uint8).reshape(-1, size, size, 3), list(examples), []

    def refuse(*_, **__):
        raise DetectorError("YuNet is not here.")

    monkeypatch.setattr(datasets, "load_crops", load)
    monkeypatch.setattr(datasets, "load_detector", refuse)


def load(examples, **options):
    return load_dataset(RECIPE, Manifest(tuple(examples), (), {}, "sha"), **options)


def test_the_test_part_and_parts_of_other_names_are_never_learned():
    rows = [example(i) for i in range(40)] + [example(i, "test") for i in range(40, 60)]
    made = load([*rows, *(example(i, "gender") for i in range(60, 70))])
    assert len(made.training) + len(made.validation) == 40
    assert made.groups == {f"a/{i}" for i in range(40)}


def test_rows_marked_for_validation_validate_and_no_others():
    made = load(
        [*(example(i, "train") for i in range(20)), *(example(i, "validation") for i in range(20, 25))]
    )
    assert (len(made.training), len(made.validation)) == (20, 5)


def test_a_source_held_out_validates_as_a_whole_and_only_one_source_can_be_learned():
    rows = [example(i, source=s) for s in "abc" for i in range(20)]
    held = load(rows, held_out_sources=["b"])
    assert "b" not in held.training.sources and held.validation.sources.count("b") == 20
    only = load(rows, only_sources=["a"])
    assert set(only.training.sources) | set(only.validation.sources) == {"a"}
    both = load(rows, only_sources=["a"], held_out_sources=["b"])
    assert set(both.training.sources) == {"a"} and "c" not in both.validation.sources


def test_a_limit_bounds_the_pictures_the_same_ones_for_the_same_seed():
    rows = [example(i) for i in range(100)]
    one, two = (load(rows, limit=30) for _ in range(2))
    assert len(one.training) + len(one.validation) == 30 and one.groups == two.groups


def test_too_few_pictures_are_named():
    with pytest.raises(RecordError, match="too few"):
        load([example(1)])


def test_training_without_landmarks_goes_on_without_synthetic_masks(caplog):
    made = load([example(i, label="without_mask") for i in range(40)])
    assert made.sizes["drawn"] == 0 and "YuNet is not here" in caplog.text


def test_synthetic_masks_follow_the_real_pictures_and_are_counted(monkeypatch):
    monkeypatch.setattr(datasets, "load_detector", lambda *_, **__: None)
    monkeypatch.setattr(datasets, "find_landmarks", lambda crops, _: [None] * len(crops))

    def draw(crops, *_, cloths):
        assert not cloths  # no face shows where it is
        wearings = ["covers_nose_and_mouth", "covers_mouth_only", "below_mouth"]
        return np.full((3, *crops.shape[1:]), 7, np.uint8), wearings, [0, 0, 0]

    monkeypatch.setattr(datasets, "add_masks", draw)
    faces = load([example(i, label="without_mask") for i in range(40)]).training
    assert faces.synthetic.sum() == 3 and faces.synthetic[-3:].all()
    assert (faces.crops[-3:] == 7).all() and set(faces.sources[-3:]) == {"synthetic"}
    last = [MASK_3.labels[index] for index in faces.class_indices[-3:]]
    assert last == ["with_mask", "incorrect_mask", "incorrect_mask"]
    two = dataclasses.replace(RECIPE, labels=MASK_2)  # a label set without `incorrect_mask` leaves those out
    some = load_dataset(
        two, Manifest(tuple(example(i, label="without_mask") for i in range(40)), (), {}, "sha")
    ).training
    assert some.synthetic.sum() == 1 and some.class_indices[-1] == MASK_2.index("with_mask")


def test_unmasked_faces_come_last_and_nobody_unmasks_what_is_synthetic(monkeypatch):
    monkeypatch.setattr(datasets, "load_detector", lambda *_, **__: None)
    monkeypatch.setattr(datasets, "find_landmarks", lambda crops, _: [None] * len(crops))
    monkeypatch.setattr(datasets, "portraits", lambda crops, _: list(crops))
    seen = {}

    def unmask(masked, bare, seed):
        seen.update(masked=len(masked), bare=len(bare))
        return np.full((2, *masked[0].shape), 9, np.uint8), ["covers_mouth_only", "no_mask"]

    monkeypatch.setattr(datasets, "unmask_faces", unmask)
    rows = [example(i, label="without_mask" if i % 2 else "with_mask") for i in range(80)]
    rows += [dataclasses.replace(e, synthetic=True) for e in rows[:40]]
    faces = load(rows).training
    real = ~faces.synthetic
    assert seen["masked"] == (real & (faces.class_indices == MASK_3.index("with_mask"))).sum()
    assert seen["bare"] == (real & (faces.class_indices == MASK_3.index("without_mask"))).sum()
    assert (
        set(faces.sources[-2:]) == {"unmasked"}
        and (faces.crops[-2:] == 9).all()
        and faces.synthetic[-2:].all()
    )
    assert [MASK_3.labels[u] for u in faces.class_indices[-2:]] == ["incorrect_mask", "without_mask"]


def test_faces_can_be_asked_another_question():
    faces = Faces(np.zeros((3, 4, 4, 3), np.uint8), np.array([0, 1, 2]), ("a",) * 3, np.zeros(3, bool))
    asked = faces.relabelled(
        MASK_3,
        {"with_mask": "with_mask", "incorrect_mask": "with_mask", "without_mask": "without_mask"},
        MASK_2,
    )
    assert asked.class_indices.tolist() == [0, 0, 1]


def test_near_duplicates_are_never_on_both_sides():
    """Each picture comes twice, under two names and without a group."""
    rows = [example(i) for i in range(60)]
    copies = [dataclasses.replace(e, group=f"copy/{i}") for i, e in enumerate(rows)]
    made = load([*rows, *copies])
    seen = {crop.tobytes() for crop in made.training.crops}
    assert len(made.training) + len(made.validation) == 120
    assert not any(crop.tobytes() in seen for crop in made.validation.crops)
    assert 10 <= len(made.validation) <= 60  # some 36


def test_subtypes_are_learned_of_real_and_of_drawn_masks(monkeypatch):
    monkeypatch.setattr(datasets, "load_detector", lambda *_, **__: None)
    monkeypatch.setattr(datasets, "find_landmarks", lambda crops, _: [None] * len(crops))
    ways = ["covers_nose_and_mouth", "covers_mouth_only", "below_mouth", "under_chin", "hanging_from_ear"]

    def draw(crops, *_, cloths):
        return np.full((5, *crops.shape[1:]), 7, np.uint8), ways, [0] * 5

    monkeypatch.setattr(datasets, "add_masks", draw)
    said = ["nose_uncovered", "IMFD_uncovered_nose_mouth", "elsewhere", "IMFD_uncovered_chin"]
    rows = [example(i, label="without_mask") for i in range(40)]
    rows += [
        dataclasses.replace(example(40 + i, "train", label="incorrect_mask"), subtype=word)
        for i, word in enumerate(said)
    ]
    rows += [example(50, "train", label="not_a_face"), example(51, "validation")]
    dataset = load_dataset(FINER, Manifest(tuple(rows), (), {}, "sha"))
    faces = dataset.training
    counted = dataset.source_labels(FINER.class_set)
    assert counted["a"] == {"incorrect_mask": 4, "not_a_face": 1, "without_mask": 40}
    assert counted["synthetic"] == {"incorrect_mask": 4, "with_mask": 1}
    known = [FINER.class_set.annotations[i] for i in faces.class_indices]
    assert known[40:45] == [
        *("incorrect_mask/nose_out", "incorrect_mask/below_mouth", "incorrect_mask/elsewhere"),
        *("incorrect_mask", "not_a_face"),
    ]
    assert [k for k, source in zip(known, faces.sources, strict=True) if source == "synthetic"] == [
        *("with_mask", "incorrect_mask/nose_out", "incorrect_mask/below_mouth"),
        *("incorrect_mask/under_chin", "incorrect_mask/elsewhere"),
    ]


def test_lookalikes_have_no_mask_and_depictions_are_made_only_where_they_are_learned(monkeypatch):
    monkeypatch.setattr(datasets, "load_detector", lambda *_, **__: None)
    points = ((6.0, 7.0), (14.0, 7.0), (10.0, 11.0), (7.0, 15.0), (13.0, 15.0))
    monkeypatch.setattr(datasets, "find_landmarks", lambda crops, _: [points] * len(crops))
    rows = [example(i, label="without_mask" if i % 2 else "with_mask") for i in range(80)]
    for recipe, made in ((FINER, {"without_mask", "depiction"}), (RECIPE, {"without_mask"})):
        faces = load_dataset(recipe, Manifest(tuple(rows), (), {}, "sha")).training
        known = [recipe.class_set.annotations[i] for i in faces.class_indices]
        pairs = {(k, s) for k, s in zip(known, faces.sources, strict=True) if s in ("lookalike", "depiction")}
        assert pairs == {(k, "depiction" if k == "depiction" else "lookalike") for k in made}


def test_the_recipe_says_how_often_each_wrong_way_is_drawn(monkeypatch):
    monkeypatch.setattr(datasets, "load_detector", lambda *_, **__: None)
    monkeypatch.setattr(datasets, "find_landmarks", lambda crops, _: [None] * len(crops))
    asked = []

    def draw(crops, points, seed, wearings, **_):
        asked.append(wearings)
        return crops[:0], [], []

    monkeypatch.setattr(datasets, "add_masks", draw)
    rows = Manifest(tuple(example(i, label="without_mask") for i in range(40)), (), {}, "sha")
    for share in ({"under_chin": 1.0}, {}):
        load_dataset(dataclasses.replace(FINER, subtype_share=share), rows)
    assert set(asked[0][-1]) == {"under_chin"} and len(asked[1][-1]) == 9


def test_what_is_no_face_cannot_validate_labels():
    rows = [example(i, "train") for i in range(30)]
    rows += [example(i, "validation", label="not_a_face") for i in range(30, 35)]
    with pytest.raises(RecordError, match="0 faces to validate on"):
        load_dataset(FINER, Manifest(tuple(rows), (), {}, "sha"))
