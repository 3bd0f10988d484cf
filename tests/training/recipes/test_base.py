import dataclasses

import pytest

from core.errors import RecordError
from core.labels import SUBTYPES
from training.recipes._detector import DetectionRecipe
from training.recipes._registry import load_any, load_recipe, names, with_epochs

CLASSIFIERS = [
    "cnn_scratch",
    "gender_wear8",
    "inception_two_phase",
    "mask3",
    "mask3_open",
    "mobilenet_mask2",
    "mobilenet_mask3",
    "resnet_once8",
    "resnet_parallel8",
]
DETECTORS = ["face_fpn", "face_fpn_open"]


def test_there_is_a_recipe_for_every_project_replaced_and_for_the_detector():
    assert names() == sorted(CLASSIFIERS + DETECTORS)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_recipe_speaks_of_its_own_labels(name):
    recipe = load_recipe(name)
    assert recipe.name == name
    assert set(recipe.label_share) <= set(recipe.class_set.groups)
    assert set(recipe.synthetic_share) <= set(recipe.class_set.groups)
    assert sum(recipe.subtype_share.values()) in (0, pytest.approx(1))
    assert set(recipe.subtype_share) <= set(SUBTYPES)
    if recipe.label_share:
        assert sum(recipe.label_share.values()) == pytest.approx(1)
    assert all(0 <= share <= 1 for share in recipe.synthetic_share.values())
    assert len({phase.name for phase in recipe.phases}) == len(recipe.phases)  # a record tells them by name
    for part in recipe.parts:
        assert set(part.label_of) == set(recipe.labels) and set(part.label_of.values()) == set(part.labels)


def test_inception_is_trained_in_the_two_phases_that_the_project_replaced_had():
    head, everything = load_recipe("inception_two_phase").phases
    assert (head.epochs, head.trains, head.optimizer) == (25, "head", "adam")
    assert (everything.epochs, everything.trains, everything.optimizer) == (10, "all", "sgd")


def test_who_guesses_gender_warns_of_it():
    for name in CLASSIFIERS:
        assert bool(load_recipe(name).about.warning) == name.endswith("8")


@pytest.mark.parametrize(
    ("epochs", "shared"), [(35, [25, 10]), (7, [5, 2]), (2, [1, 1]), (1, [1]), (70, [50, 20])]
)
def test_epochs_are_shared_among_the_phases(epochs, shared):
    assert [p.epochs for p in with_epochs(load_recipe("inception_two_phase"), epochs).phases] == shared


def test_no_epoch_and_no_recipe_are_errors():
    with pytest.raises(RecordError, match="--epochs 0"):
        with_epochs(load_recipe("mask3"), 0)
    with pytest.raises(RecordError, match="Choose one of: cnn_scratch"):
        load_recipe("no_such")


@pytest.mark.parametrize("name", DETECTORS)
def test_a_detectors_recipe_is_told_from_a_classifiers(name):
    recipe = load_any(name)
    assert isinstance(recipe, DetectionRecipe) and recipe.name == name
    assert with_epochs(recipe, 3).epochs == 3
    with pytest.raises(RecordError, match="where faces are"):
        load_recipe(name)


def test_the_architecture_is_named_for_people():
    recipe = load_recipe("resnet_parallel8")
    assert recipe.architecture == "2 x ResNet50, joined"
    small = dataclasses.replace(recipe, backbone="mobilenet_v2", alpha=0.35, parts=())
    assert small.architecture == "MobileNetV2, width 0.35"
