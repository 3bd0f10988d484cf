"""A training that is interrupted and resumed must be the training that was not."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from core.labels import MASK_3
from core.runs.training import METRICS_FILE, read_calibration, read_epochs
from training.data.datasets import Dataset, Faces
from training.fitting.fit import fit_classifier
from training.fitting.recorder import BEST, CHECKPOINTS, Recorder, keep_best, predict
from training.recipes._base import Phase
from training.recipes._registry import load_recipe

# TensorFlow's arrays use what NumPy is about to drop: theirs to mend
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RECIPE = dataclasses.replace(
    load_recipe("cnn_scratch"),
    size=32,
    batch=16,
    phases=(
        Phase("head", 2, trains="head", ema_span=0.5),
        Phase("all layers", 3, optimizer="sgd", learning_rate=1e-2, schedule="inverse_time", ema_span=0.3),
    ),
)


class InterruptedTrainingError(Exception):
    pass


def faces(n: int, seed: int) -> Faces:
    """Noise, dark in its upper half where the label says so."""
    rng = np.random.default_rng(seed)
    units, crops = rng.integers(0, 2, n), rng.integers(0, 255, (n, 40, 40, 3)).astype(np.uint8)
    crops[units == 1, :20] //= 2
    return Faces(crops, units, ("a",) * n, np.zeros(n, bool))


DATASET = Dataset(faces(48, 0), faces(40, 1), frozenset({"a"}), "sha")


def network() -> keras.Model:
    """What makes resuming hard: batch norm, dropout, a body to freeze. And little else."""
    layers = keras.layers
    body = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(6, 3, strides=3),
            layers.BatchNormalization(),
            layers.ReLU(),
        ],
        name="body",
    )
    faces = keras.Input((32, 32, 3))
    x = layers.Dropout(0.4, seed=0)(layers.Flatten()(body(layers.Rescaling(1 / 255)(faces))))
    return keras.Model(faces, layers.Dense(2, activation="softmax")(x))


def go(run, recipe=RECIPE, **options):
    keras.utils.set_random_seed(0)
    return fit_classifier(network(), recipe, DATASET, run, pretrained=False, **options)


def learned(run):
    return [(e.epoch, e.phase, e.loss, e.val_loss, e.learning_rate, e.validation) for e in read_epochs(run)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "whole"
    return run, go(run)


@pytest.mark.parametrize("interrupted_at", [0, 1, 2, 4])  # 2 is the first epoch of the second phase
def test_an_interrupted_training_goes_on_exactly(whole, tmp_path, monkeypatch, interrupted_at):
    begin = Recorder.on_train_batch_begin

    def interrupt(self, batch, logs=None):
        if (
            batch == 1
            and len(read_epochs(tmp_path) if (tmp_path / METRICS_FILE).exists() else ()) == interrupted_at
        ):
            raise InterruptedTrainingError
        return begin(self, batch, logs)

    monkeypatch.setattr(Recorder, "on_train_batch_begin", interrupt)
    with pytest.raises(InterruptedTrainingError):
        go(tmp_path)
    monkeypatch.undo()
    if interrupted_at:  # the machine died while it wrote
        with (tmp_path / METRICS_FILE).open("a") as file:
            file.write('{"epoch": ')
    model = go(tmp_path)
    assert learned(tmp_path) == learned(whole[0])
    pictures = DATASET.validation.crops
    assert (predict(model, pictures) == predict(whole[1], pictures)).all()
    assert read_calibration(tmp_path) == read_calibration(whole[0])


def test_phases_follow_each_other_and_only_the_best_epoch_is_kept(whole):
    run, model = whole
    epochs = read_epochs(run)
    assert [(e.epoch, e.phase) for e in epochs] == [
        (0, "head"), (1, "head"), (2, "all layers"), (3, "all layers"), (4, "all layers"),
    ]  # fmt: skip
    assert epochs[0].learning_rate == pytest.approx(1e-3)
    assert 1e-2 > epochs[2].learning_rate > epochs[4].learning_rate
    assert [p.name for p in (run / CHECKPOINTS).iterdir()] == [BEST]
    best = min(epochs, key=lambda e: e.val_loss)
    faces = DATASET.validation
    hits = (predict(model, faces.crops).argmax(axis=1) == faces.class_indices).mean()
    assert hits == pytest.approx(best.val_accuracy)


def test_a_best_epoch_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    (tmp_path / CHECKPOINTS).mkdir()
    best, model = tmp_path / CHECKPOINTS / BEST, network()
    keep_best(model, tmp_path)
    before = best.read_bytes()

    def half(self, path, **options):  # as of a process that is killed
        path.write_bytes(before[: len(before) // 2])
        raise InterruptedTrainingError

    monkeypatch.setattr(keras.Model, "save", half)
    with pytest.raises(InterruptedTrainingError):
        keep_best(model, tmp_path)
    assert best.read_bytes() == before


def test_a_phase_ends_early_when_nothing_gets_better(tmp_path):
    phases = (
        Phase("hopeless", 6, learning_rate=0.0),
        Phase("next", 1, learning_rate=1e-3),
    )
    recipe = dataclasses.replace(RECIPE, phases=phases, patience=2)
    go(tmp_path, recipe)
    # Batch norm learns its statistics even at rate 0, so the first epochs may still improve.
    names = [e.phase for e in read_epochs(tmp_path)]
    assert 3 <= names.count("hopeless") <= 6 and names[-1] == "next"
    losses = [e.val_loss for e in read_epochs(tmp_path)][: names.count("hopeless")]
    if names.count("hopeless") < 6:
        assert losses.index(min(losses)) == len(losses) - 3


def test_tensorboard_logs_are_written_only_when_asked_for(whole, tmp_path):
    recipe = dataclasses.replace(RECIPE, phases=(Phase("all layers", 1),))
    go(tmp_path, recipe, tensorboard=True)
    assert list((tmp_path / "tensorboard").rglob("events.*"))
    assert not (whole[0] / "tensorboard").exists()


def test_the_kept_network_is_the_average_of_those_after_each_batch(tmp_path, monkeypatch):
    phases = (Phase("first", 1), Phase("averaged", 3, learning_rate=1e-2, ema_span=0.5))
    learned: list[list[np.ndarray]] = []

    def collect(self, batch, logs=None):
        if self._phase.name == "averaged":
            learned.append([np.array(v) for v in self.model.trainable_variables])

    monkeypatch.setattr(Recorder, "on_train_batch_end", collect)
    model = go(tmp_path, dataclasses.replace(RECIPE, phases=phases))
    epochs = read_epochs(tmp_path)
    best = min(epochs, key=lambda e: e.val_loss)
    batches = len(learned) // 3
    momentum = 1 - 1 / (0.5 * 3 * batches)
    kept = learned[0]
    for weights in learned[1 : best.epoch * batches]:
        kept = [momentum * a + (1 - momentum) * b for a, b in zip(kept, weights, strict=True)]
    assert best.phase == "averaged"
    last = learned[best.epoch * batches - 1]
    for got, average, latest in zip(model.trainable_variables, kept, last, strict=True):
        assert np.allclose(got, average, atol=1e-5)
        assert not np.allclose(average, latest, atol=1e-4)


def test_weights_are_averaged_with_jax_too():
    pytest.importorskip("jax", reason="needs requirements-scale-out.txt")
    test = test_the_kept_network_is_the_average_of_those_after_each_batch.__name__
    # An environment of its own, as a process has one backend
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{__file__}::{test}"],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout


def test_freed_memory_is_kept_from_the_first_batch_on(tmp_path, monkeypatch):
    begun: list[int] = []
    after: list[int] = []
    monkeypatch.setattr(Recorder, "on_train_batch_begin", lambda self, n, logs=None: begun.append(n))
    monkeypatch.setattr("training.fitting.fit.keep_freed_memory", lambda: after.append(len(begun)))
    go(tmp_path, dataclasses.replace(RECIPE, phases=(Phase("all layers", 1),)))
    assert after == [1] and len(begun) == 3


def test_finer_classes_are_learned_and_refusals_counted_apart_from_labels(tmp_path):
    """Worn incorrectly is dark above, of unknown subtype for a half; no face is white. All are told apart."""
    classes = (
        "with_mask",
        "incorrect_mask/nose_out",
        "incorrect_mask/elsewhere",
        "without_mask",
        "not_a_face",
    )
    recipe = dataclasses.replace(
        RECIPE, labels=MASK_3, classes=classes, phases=(Phase("all layers", 8, learning_rate=1e-2),)
    )

    def shown(n: int, seed: int) -> Faces:
        rng = np.random.default_rng(seed)
        known = [
            ("with_mask", ""),
            ("incorrect_mask", ""),
            ("incorrect_mask", "nose_out"),
            ("not_a_face", ""),
        ]
        which = rng.integers(0, len(known), n)
        crops = rng.integers(0, 120, (n, 40, 40, 3)).astype(np.uint8)
        for dark in (1, 2):
            crops[which == dark, :20] //= 8
        crops[which == 3] //= 4
        crops[which == 3] += 220
        annotations = np.array([recipe.class_set.annotation(*known[i]) for i in which])
        return Faces(crops, annotations, ("a",) * n, np.zeros(n, bool))

    faces = keras.Input((32, 32, 3))
    x = keras.layers.AveragePooling2D(16)(keras.layers.Rescaling(1 / 32, offset=-2)(faces))
    model = keras.Model(faces, keras.layers.Dense(5, activation="softmax")(keras.layers.Flatten()(x)))
    validation = shown(80, 1)
    has_label = validation.class_indices != recipe.class_set.annotation("not_a_face")
    dataset = Dataset(shown(320, 0), validation, frozenset({"a"}), "sha")
    best = fit_classifier(model, recipe, dataset, tmp_path, pretrained=False)
    epoch = min(read_epochs(tmp_path), key=lambda e: e.val_loss)
    assert set(epoch.validation) == {"a/with_mask", "a/incorrect_mask"}
    assert sum(n for _, n in epoch.validation.values()) == has_label.sum()
    assert epoch.refused == {"faces": (0, has_label.sum()), "not_a_face": ((~has_label).sum(),) * 2}
    assert epoch.val_accuracy > 0.9 and read_calibration(tmp_path).n == has_label.sum()
    said = predict(best, validation.crops).mean(axis=0)
    assert said[1] > 5 * said[2]  # the subtype that was named takes those of which none was
