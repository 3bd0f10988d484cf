import math

import numpy as np
import pytest

from core.metrics.intervals import wilson
from core.review.curves import EpochSeries, accuracy_interval, curves_of, smoothed
from core.runs import catalog
from core.runs.catalog import SHIPPED_RUNS, read_run
from core.runs.training import Epoch, planned_epochs

NAN = math.nan


def epoch(number: int = 0, **changes) -> Epoch:
    plain = {
        "epoch": number,
        "phase": "head",
        "learning_rate": 1e-3,
        "loss": 0.7,
        "accuracy": 0.5,
        "val_loss": 0.6,
        "val_accuracy": 0.7,
        "score": NAN,
        "validation": {"toy/with_mask": (2, 3), "toy/no_mask": (4, 5)},
        "seconds": 30.0,
    }
    return Epoch(**plain | changes)


def curve(*epochs: Epoch) -> EpochSeries:
    return EpochSeries("toy", epochs, {})


@pytest.mark.parametrize("strength", [0.0, 0.5, 0.9])
def test_smoothing_is_a_weighted_mean_of_what_was(strength):
    """Against the weights written out: the newest value counts most, and they add up to 1."""
    values = np.array([4.0, 1.0, 3.0, 3.0])
    found = smoothed(values, strength)
    for i in range(len(values)):
        weights = np.array([strength ** (i - j) for j in range(i + 1)]) if strength else np.eye(i + 1)[i]
        assert found[i] == pytest.approx(np.average(values[: i + 1], weights=weights))


def test_smoothing_begins_at_the_first_value_and_skips_what_is_no_number():
    found = smoothed(np.array([2.0, NAN, math.inf, 4.0]), 0.5)
    assert found[0] == pytest.approx(2.0) and np.isnan(found[1:3]).all()
    assert found[3] == pytest.approx((0.5 * 2 + 4) / 1.5)


def test_the_best_epoch_is_the_first_of_least_validation_loss_that_is_a_number():
    losses = [NAN, 0.5, 0.3, -math.inf, 0.3]
    assert curve(*(epoch(i, val_loss=loss) for i, loss in enumerate(losses))).best == 2
    assert curve(epoch(val_loss=NAN)).best is None and curve().best is None


@pytest.mark.parametrize("name", ["mask3-v1", "mobilenet_mask3-v1", "resnet_parallel8-v1"])
def test_the_best_epoch_is_the_runs(name):
    run = read_run(name, SHIPPED_RUNS / name)
    own = curves_of(run)[0]
    assert own.epochs[own.best] == run.best_epoch
    assert own.minutes[-1] * 60 == pytest.approx(sum(e.seconds for e in run.epochs))


def test_phases_and_minutes():
    found = curve(*(epoch(i, phase=phase) for i, phase in enumerate(["head", "head", "all", "head"])))
    assert found.phases == [(0, "head"), (2, "all"), (3, "head")]
    assert found.minutes.tolist() == [0.5, 1.0, 1.5, 2.0]


def test_parts_are_curves_of_their_own_and_those_without_epochs_are_none():
    run = read_run("resnet_parallel8-v1", SHIPPED_RUNS / "resnet_parallel8-v1")
    names = [c.name for c in curves_of(run)]
    assert names == ["resnet_parallel8-v1", "resnet_parallel8-v1, gender", "resnet_parallel8-v1, wearing"]
    assert curves_of(catalog.Run("new", run.folder, run.config)) == ()


def test_the_interval_of_validation_accuracy_is_wilsons_over_all_its_faces():
    assert accuracy_interval(epoch()) == wilson(6, 8)
    assert all(map(math.isnan, accuracy_interval(epoch(validation={}))))


@pytest.mark.parametrize(
    ("settings", "planned"),
    [
        ({"phases": [{"epochs": 10}, {"epochs": 4}]}, 14),
        ({"epochs": 9}, 9),
        ({}, None),
        ({"phases": []}, None),
        ({"phases": "<b>"}, None),
        ({"phases": [{"epochs": 10}, 3]}, None),
        ({"epochs": "many"}, None),
        ({"epochs": -3}, None),
        ({"epochs": 10**30}, None),
    ],
)
def test_planned_epochs(settings, planned):
    assert planned_epochs(settings) == planned
