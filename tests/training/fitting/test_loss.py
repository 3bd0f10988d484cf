"""The loss of faces of which the label is known, and the class only sometimes."""

import dataclasses
import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from core.labels import MASK_3
from training.fitting.loss import PartialLabelLoss, accuracy, is_possible, loss_of, smoothing
from training.recipes._registry import load_recipe

# TensorFlow's arrays use what NumPy is about to drop: theirs to mend
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RECIPE = dataclasses.replace(
    load_recipe("mask3"),
    classes=(
        "with_mask",
        "incorrect_mask/nose_out",
        "incorrect_mask/under_chin",
        "without_mask",
        "not_a_face",
    ),
    label_smoothing=0.1,
)
SAID = np.array([[0.1, 0.3, 0.2, 0.15, 0.25]], np.float32)


def loss(targets, said=SAID, recipe=RECIPE):
    return float(loss_of(recipe)(np.array(targets, np.float32), said))


def test_a_face_of_unknown_class_costs_what_its_label_lacks():
    plain = dataclasses.replace(RECIPE, label_smoothing=0.0)
    assert loss([[0, 1, 1, 0, 0]], recipe=plain) == pytest.approx(-np.log(0.5), rel=1e-5)
    assert loss([[0, 1, 0, 0, 0]], recipe=plain) == pytest.approx(-np.log(0.3), rel=1e-5)
    assert loss([[0, 1, 1, 0, 0], [1, 0, 0, 0, 0]], np.repeat(SAID, 2, axis=0), plain) == pytest.approx(
        -(np.log(0.5) + np.log(0.1)) / 2, rel=1e-5
    )


def test_smoothing_is_shared_evenly_by_labels_and_within_them():
    assert smoothing(RECIPE) == pytest.approx([0.025, 0.0125, 0.0125, 0.025, 0.025])
    by_hand = -0.9 * np.log(0.5) - (smoothing(RECIPE) * np.log(SAID[0])).sum()
    assert loss([[0, 1, 1, 0, 0]]) == pytest.approx(by_hand, rel=1e-5)


def test_of_labels_alone_it_is_the_usual_cross_entropy_with_smoothing():
    plain = dataclasses.replace(RECIPE, classes=())
    said = np.array([[0.2, 0.5, 0.3], [0.7, 0.1, 0.2]], np.float32)
    targets = np.eye(3, dtype=np.float32)[[1, 2]]
    usual = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    assert isinstance(loss_of(plain), keras.losses.CategoricalCrossentropy)
    assert float(PartialLabelLoss(smoothing(plain))(targets, said)) == pytest.approx(
        float(usual(targets, said)), rel=1e-5
    )
    assert len(MASK_3) == len(smoothing(plain))


def test_a_certain_mistake_is_a_number_and_can_be_learned_from():
    layer = keras.layers.Dense(5, activation="softmax", kernel_initializer="zeros")
    model = keras.Sequential([keras.Input((1,)), layer])
    layer.bias.assign([30.0, 0, 0, 0, 0])
    model.compile(keras.optimizers.SGD(1.0), loss_of(dataclasses.replace(RECIPE, label_smoothing=0.0)))
    target = np.array([[0, 1, 1, 0, 0]], np.float32)
    before = model.train_on_batch(np.ones((1, 1), np.float32), target)
    assert before == pytest.approx(30 - np.log(2), rel=1e-3)
    bias = np.array(layer.bias)
    assert bias[0] == pytest.approx(29, rel=1e-3) and bias[1:3] == pytest.approx([0.5, 0.5], rel=1e-3)


def test_accuracy_counts_any_class_that_the_face_may_be():
    said = np.array([[0.1, 0.3, 0.2, 0.15, 0.25], [0.6, 0.1, 0.1, 0.1, 0.1]], np.float32)
    targets = np.array([[0, 1, 1, 0, 0], [0, 0, 0, 1, 0]], np.float32)
    assert np.array(is_possible(targets, said)).tolist() == [1, 0]
    metric = accuracy()
    metric.update_state(targets, said)
    assert float(metric.result()) == 0.5 and metric.name == "accuracy"
