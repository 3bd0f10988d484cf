"""The network's answers have their places, and of a pretrained backbone only the later layers learn."""

import dataclasses
import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from core.detection.face_fpn import cells, find
from training.detection.loss import DetectionLoss
from training.detection.network import build_detector, freeze
from training.detection.rows import row
from training.recipes._base import NOTHING
from training.recipes.face_fpn import RECIPE

# TensorFlow's arrays use what NumPy is about to drop: theirs to mend
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TINY = dataclasses.replace(RECIPE, width=8, size=64)


@pytest.fixture(scope="module")
def network() -> keras.Model:
    keras.utils.set_random_seed(0)
    return build_detector(TINY, NOTHING)


def answers_of(model, pictures):
    """As `predict_on_batch` gives, which traces the graph anew for every size: seconds each."""
    return keras.ops.convert_to_numpy(model(pictures, training=False))


@pytest.mark.parametrize(("height", "width"), [(64, 64), (32, 96), (160, 64)])
def test_a_cell_answers_where_the_detector_looks_for_it(network, height, width):
    answers = answers_of(network, np.zeros((2, height, width, 3), np.float32))
    assert answers.shape == (2, len(cells(height, width)), 15 + len(TINY.labels))
    assert answers.dtype == np.float32


def test_cells_are_in_the_order_of_the_grid(network):
    """What changes in a corner of the picture changes the answers of cells there most."""
    rng = np.random.default_rng(0)
    plain = rng.uniform(0, 255, (1, 96, 128, 3)).astype(np.float32)
    marked = plain.copy()
    marked[:, 64:, :32] = 255 - marked[:, 64:, :32]
    grid = cells(96, 128)
    before, after = (answers_of(network, picture)[0] for picture in (plain, marked))
    change = np.abs(after - before).sum(axis=1)
    for stride in (8, 16, 32):
        level = np.flatnonzero(grid[:, 2] == stride)
        x, y, _ = grid[level[change[level].argmax()]]
        assert x < 64 and y >= 48


def test_a_network_that_starts_sees_a_face_in_a_hundred_cells(network):
    answers = answers_of(network, np.zeros((1, 64, 64, 3), np.float32))
    assert (1 / (1 + np.exp(-answers[..., 0]))).mean() == pytest.approx(0.01, abs=0.003)
    assert find(lambda pictures: answers_of(network, pictures), np.zeros((50, 70, 3), np.uint8), 0.5) == []


def step(model, pretrained):
    """Which of the layers' weights one step of training changes, by name."""
    freeze(model, TINY, pretrained=pretrained)
    model.compile(keras.optimizers.Adam(1e-2), DetectionLoss(64), run_eagerly=True)
    before = {layer.name: layer.get_weights() for layer in model.layers if layer.weights}
    rng = np.random.default_rng(0)
    faces = [(10, 10, 30, 40), (5, 5, 59, 59), (-20, -20, 84, 84)]  # one for each stride
    five = [(20, 20), (30, 20), (25, 27), (21, 33), (29, 33)]
    truth = np.stack([row(box, label=1, landmarks=five) for box in faces])
    loss = model.train_on_batch(rng.integers(0, 255, (3, 64, 64, 3)).astype(np.uint8), truth[:, None])
    assert np.isfinite(loss)
    return {
        name: [not np.array_equal(old, new) for old, new in zip(weights, after, strict=True)]
        for name, weights in before.items()
        for after in [model.get_layer(name).get_weights()]
    }


def test_a_pretrained_backbone_keeps_its_first_layers_and_its_batch_norm():
    model = build_detector(TINY, NOTHING)
    changed = step(model, pretrained=True)
    names = [layer.name for layer in model.layers if layer.weights]
    ours = [name for name in names if name.startswith(("stride_", "lateral_", "up_"))]
    norms = [layer.name for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    until = max(n for n, name in enumerate(names) if name.startswith("block_2_"))
    assert until > 10
    for n, name in enumerate(names):
        frozen = n <= until or (name in norms and name not in ours)
        assert not any(changed[name]) if frozen else any(changed[name]), name
    assert all(changed["lateral_8_norm"])  # also what it knows of means and variances
    assert any(changed["block_3_expand"]) and any(changed["stride_8_score"])


def test_a_backbone_that_starts_from_nothing_learns_as_a_whole(network):
    changed = step(network, pretrained=False)
    assert all(any(weights) for weights in changed.values())


def test_a_layer_to_freeze_until_must_be_there(network):
    with pytest.raises(ValueError, match="block_99"):
        freeze(network, dataclasses.replace(TINY, frozen_until="block_99"), pretrained=True)
