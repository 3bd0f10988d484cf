"""A phase's learning rate from step to step, and how many epochs it still has."""

import dataclasses
import os
from types import SimpleNamespace

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from training.fitting.phases import epochs_left, optimizer
from training.recipes._base import Phase
from training.recipes._registry import load_recipe

RECIPE = dataclasses.replace(load_recipe("cnn_scratch"), patience=2)
PHASE = Phase("all layers", 4, learning_rate=1e-2)


def rates(schedule: str, steps_per_epoch: int = 25) -> list[float]:
    made = optimizer(dataclasses.replace(PHASE, schedule=schedule), 0.0, steps_per_epoch)
    rates = []
    for step in range(4 * steps_per_epoch + 1):
        made.iterations.assign(step)
        rates.append(float(made.learning_rate))
    return rates


def test_a_cosine_warms_up_to_its_rate_and_falls_to_a_hundredth_of_it():
    seen = rates("cosine")  # 100 steps, of which a twentieth warm up
    assert seen[0] == pytest.approx(1e-2 / 20) and max(seen) == seen[5] == pytest.approx(1e-2)
    assert seen[52] == pytest.approx(1e-2 * (1 + 0.01) / 2, rel=0.03)  # half-way down
    assert seen[-1] == pytest.approx(1e-4, rel=0.01)


def test_an_inverse_time_decays_by_its_rate_over_its_epochs():
    seen = rates("inverse_time")
    assert seen[0] == pytest.approx(1e-2) and seen[100] == pytest.approx(1e-2 / (1 + 1e-2 / 4 * 100))


def test_a_constant_rate_is_one():
    assert float(optimizer(PHASE, 0.0, 25).learning_rate) == pytest.approx(1e-2)


@pytest.mark.parametrize(("name", "made"), [("adam", "Adam"), ("adamw", "AdamW"), ("sgd", "SGD")])
def test_the_optimizer_is_the_one_that_is_named(name, made):
    found = optimizer(dataclasses.replace(PHASE, optimizer=name), 0.02, 25)
    assert type(found) is getattr(keras.optimizers, made)
    if name == "adamw":
        assert found.weight_decay == 0.02
    if name == "sgd":
        assert (found.momentum, found.nesterov) == (0.9, True)


def test_an_average_reaches_back_over_its_span():
    assert not optimizer(PHASE, 0.0, 25).use_ema
    found = optimizer(dataclasses.replace(PHASE, ema_span=0.5), 0.0, 25)
    assert found.use_ema and found.ema_momentum == pytest.approx(1 - 1 / 50)  # half of 100 steps


def epochs(*losses: float, phase: str = PHASE.name) -> list[SimpleNamespace]:
    return [SimpleNamespace(phase=phase, val_loss=loss) for loss in losses]


@pytest.mark.parametrize(
    ("done", "left"),
    [
        (epochs(), 4),
        (epochs(0.9), 3),
        (epochs(0.9, 0.8, 0.7), 1),
        (epochs(0.9, 0.8, 0.7, 0.6), 0),
        (epochs(0.7, 0.9), 2),  # once nothing better came
        (epochs(0.7, 0.9, 0.8), 0),  # twice, and patience is at its end
        (epochs(0.5, 0.6, 0.7, phase="head"), 4),  # another phase's patience is its own
        (epochs(0.5, phase="head") + epochs(0.9), 3),
        (epochs(0.5, phase="head") + epochs(0.9, 0.8), 0),  # neither was the best of the run
    ],
)
def test_epochs_that_are_left(done, left):
    assert epochs_left(PHASE, RECIPE, done) == left
