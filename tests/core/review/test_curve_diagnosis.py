"""Each rule on a training that was made for it, and the shipped runs as a person would read them."""

import math

import numpy as np
import pytest

from core.metrics.intervals import wilson
from core.review.curve_diagnosis import (
    averages,
    diagnose_accuracy,
    diagnose_learning_rate,
    diagnose_loss,
    why_losses_differ,
)
from core.review.curves import EpochSeries, curves_of
from core.runs.catalog import SHIPPED_RUNS, read_run
from core.runs.training import Epoch

NAN = math.nan
CELLS = {"toy/with_mask": (90, 100), "toy/without_mask": (95, 100)}


def training(
    val_loss, loss=None, *, ended=True, settings=None, phases=None, rates=None, **fields
) -> EpochSeries:
    n = len(val_loss)
    loss = np.linspace(0.6, 0.2, n) if loss is None else loss
    plain = {"accuracy": 0.9, "val_accuracy": 0.9, "score": 0.9, "validation": CELLS, "seconds": 9.0} | fields
    epochs = tuple(
        Epoch(
            epoch=i,
            phase=phases[i] if phases else "head",
            learning_rate=rates[i] if rates else 1e-3,
            loss=loss[i],
            val_loss=val_loss[i],
            **plain,
        )
        for i in range(n)
    )
    return EpochSeries("toy", epochs, settings or {}, ended)


def test_over_fitting_is_dated_from_the_best_epoch():
    read = diagnose_loss(training([0.5, 0.4, 0.3, 0.25, 0.27, 0.3, 0.34, 0.38, 0.42]))
    assert read.startswith("Best at epoch 4 of 9, with a validation loss of 0.25.")
    assert "Over-fitting since epoch 4: training loss still falls, validation loss has risen to 0.38" in read


def test_noise_alone_is_no_over_fitting():
    """The best of noisy epochs is always below those after it."""
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(200):
        flat = 0.3 + rng.normal(0, 0.03, 20)
        wrong += "Over-fitting" in diagnose_loss(training(flat.tolist()))
    assert wrong <= 10


def test_a_rise_through_noise_is_seen():
    rng = np.random.default_rng(2)
    shape = np.concatenate([np.linspace(0.6, 0.3, 8), np.linspace(0.32, 0.7, 12)])
    found = [
        "Over-fitting since" in diagnose_loss(training((shape + rng.normal(0, 0.02, 20)).tolist()))
        for _ in range(50)
    ]
    assert np.mean(found) > 0.9


def test_a_rise_of_both_is_not_called_over_fitting():
    read = diagnose_loss(training([0.5, 0.3, 0.4, 0.5, 0.6, 0.7], loss=[0.5, 0.3, 0.4, 0.5, 0.6, 0.7]))
    assert "training loss does not fall either" in read and "Over-fitting" not in read


def test_a_phase_that_spoils_both_is_named():
    read = diagnose_loss(
        training(
            [0.3, 0.2, 0.21, 0.2, 0.7, 0.71, 0.69],
            loss=[0.4, 0.3, 0.29, 0.28, 0.8, 0.79, 0.8],
            phases=["head"] * 4 + ["all layers"] * 3,
        )
    )
    assert "Both losses rose when phase “all layers” began at epoch 5" in read


@pytest.mark.parametrize(("rates", "longer"), [([1e-3] * 5, False), ([1e-3, 8e-4, 4e-4, 1e-4, 1e-5], True)])
def test_still_improving_and_whether_it_had_run_out_of_learning_rate(rates, longer):
    curve = training([0.9, 0.6, 0.5, 0.45, 0.4], rates=rates)
    read = diagnose_loss(curve)
    assert "Still improving when it ended: more epochs may help" in read
    assert ("longer schedule" in read) is longer


def test_a_training_in_progress_is_not_said_to_have_ended():
    read = diagnose_loss(training([0.9, 0.6, 0.5, 0.45, 0.4], ended=False))
    assert read == "Best at epoch 5 of 5, with a validation loss of 0.4."


def test_a_best_epoch_that_came_last_after_ups_and_downs():
    assert diagnose_loss(training([0.5, 0.3, 0.4, 0.25])).endswith("It ended there: more epochs may help.")


def test_levelled_off_and_nothing_better():
    assert "nearly levelled off" in diagnose_loss(training([0.5, 0.4, 0.3, 0.2990, 0.2985]))
    assert diagnose_loss(training([0.5, 0.4, 0.3, 0.301])).endswith(
        "The next after it brought nothing better."
    )
    assert diagnose_loss(training([0.5, 0.3, 0.301, 0.302])).endswith(
        "The 2 after it brought nothing better."
    )


@pytest.mark.parametrize("bad", [NAN, math.inf, -math.inf])
def test_divergence_is_dated_and_the_best_before_it_kept(bad):
    read = diagnose_loss(training([0.5, 0.4, bad, bad]))
    assert "Best at epoch 2 of 4" in read and "Diverged at epoch 3" in read
    read = diagnose_loss(training([0.5, 0.4, 0.3], loss=[0.5, bad, 0.3]))
    assert "Diverged at epoch 2" in read


def test_divergence_from_the_start():
    curve = training([NAN, NAN])
    assert diagnose_loss(curve).startswith("Diverged from the start")
    assert diagnose_accuracy(curve) == "No epoch has a validation loss, so none is best."


def test_a_loss_of_equal_odds_is_no_learning():
    """Answering each of two labels with one half has a cross-entropy of ln 2."""
    assert "Equal odds for 2 labels give 0.693, so it has learned little" in diagnose_loss(
        training([0.7, 0.69])
    )
    assert "Equal odds" not in diagnose_loss(training([0.7, 0.6]))


def test_validation_above_training_is_explained_by_what_the_recipe_has():
    with_dropout = training([0.3], accuracy=0.8, settings={"dropout": 0.5})
    assert (
        "Validation is above training's 80.0%: dropout and augmentation act only in training."
        in diagnose_accuracy(with_dropout)
    )
    without = training([0.3], accuracy=0.8, settings={"dropout": "a lot"})
    assert "augmentation acts only in training" in diagnose_accuracy(without)
    assert "only in training" not in diagnose_accuracy(training([0.3], accuracy=0.9))


def test_training_far_above_validation():
    assert "Training's 99.0% is 9 points above" in diagnose_accuracy(training([0.3], accuracy=0.99))
    assert "points above" not in diagnose_accuracy(training([0.3], accuracy=0.93))


def test_accuracy_comes_with_its_faces_and_interval():
    low, high = wilson(185, 200)
    read = diagnose_accuracy(training([0.3], val_accuracy=0.925))
    assert f"92.5% of 200 validation faces correct ({low:.1%} to {high:.1%})" in read
    assert "validation faces" not in diagnose_accuracy(training([0.3], validation={}))


def test_a_label_that_is_never_found_is_named():
    cells = {"a/with_mask": (50, 50), "a/without_mask": (0, 9), "b/without_mask": (0, 3)}
    assert "It finds no face of “No mask” (n = 12)." in diagnose_accuracy(training([0.3], validation=cells))
    few = {"a/with_mask": (50, 50), "a/without_mask": (0, 9)}
    assert "finds no face" not in diagnose_accuracy(training([0.3], validation=few))


def test_the_weakest_source_and_label_is_named_when_it_is_clearly_below():
    cells = CELLS | {"web/x/without_mask": (8, 20)}
    low, high = wilson(8, 20)
    read = diagnose_accuracy(training([0.3], validation=cells))
    assert f"Weakest: “No mask” of web/x, 40.0% of 20 ({low:.1%} to {high:.1%})." in read
    assert "Weakest" not in diagnose_accuracy(training([0.3]))


@pytest.mark.parametrize(
    ("rates", "read"),
    [
        ([1e-3, 1e-3], "It stays at 0.001."),
        ([1e-3, 1e-5], "It goes from 0.001 to 1e-05."),
        ([1e-4, 1e-3, 1e-5], "It goes from 0.0001 by way of 0.001 to 1e-05."),
        ([NAN, math.inf], "The learning rate is not a number."),
    ],
)
def test_learning_rate(rates, read):
    assert diagnose_learning_rate(training([0.5] * len(rates), rates=rates)) == read


def test_learning_rate_names_where_phases_begin():
    curve = training([0.5, 0.4], phases=["head", "all layers"])
    assert diagnose_learning_rate(curve) == "It stays at 0.001; “all layers” begins at epoch 2."


def test_why_losses_differ_says_what_the_settings_have():
    plain = why_losses_differ([training([0.5])])
    assert "dropout" not in plain and "smoothing" not in plain
    both = why_losses_differ([training([0.5], settings={"dropout": 0.2, "label_smoothing": 0.05})])
    assert "with dropout and label smoothing, which keeps it above 0" in both
    broken = why_losses_differ([training([0.5], settings={"dropout": [1], "label_smoothing": NAN})])
    assert broken == plain


def test_averaged_phases_are_named_once_and_others_not():
    phases = [
        {"name": "head", "ema_span": 0.0},
        {"name": "upper blocks", "ema_span": 0.45},
        {"name": "no", "ema_span": "x"},
        3,
    ]
    curve = training([0.5], settings={"phases": phases})
    assert averages([curve, curve]).startswith("In “upper blocks” what is validated and kept is an average")
    assert averages([training([0.5]), training([0.5], settings={"phases": 7})]) == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("inception_two_phase-v2", "Both losses rose when phase “all layers” began at epoch 11"),
        ("mobilenet_mask2-v1", "The 8 after it brought nothing better."),
        ("resnet_once8-v1", "Equal odds for 8 labels give 2.08"),
        ("cnn_scratch-v1", "Still improving when it ended"),
    ],
)
def test_shipped_runs(name, said):
    assert said in diagnose_loss(curves_of(read_run(name, SHIPPED_RUNS / name))[0])


def test_a_long_name_of_a_stranger_is_cut():
    read = diagnose_learning_rate(training([0.5, 0.4], phases=["head", "x" * 5 + " y" * 90]))
    assert len(read) < 120
