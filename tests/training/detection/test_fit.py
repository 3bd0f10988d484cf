"""A training that is interrupted and resumed must be the training that was not; and it must learn."""

import dataclasses
import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from core.errors import RecordError
from core.results import Detection
from core.runs.training import METRICS_FILE, group_hash, read_config, read_groups
from training.data.manifest import read_manifest
from training.detection import fit as fitting
from training.detection import train as training
from training.detection.dataset import DetectionData, TrainingTiles
from training.detection.fit import epochs_done, fit, network_of, validate
from training.detection.rows import IGNORED, AnnotatedImage, row
from training.fitting.ema import ema_weights
from training.fitting.recorder import BEST, CHECKPOINTS
from training.recipes._base import Phase
from training.recipes.face_fpn import RECIPE

# TensorFlow's arrays use what NumPy is about to drop: theirs to mend
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SMALL = dataclasses.replace(
    RECIPE,
    phases=(Phase("all", 2, optimizer="adamw", learning_rate=1e-2, schedule="cosine"),),
    size=64,
    batch=4,
    pictures_per_epoch=40,  # in some 20 steps what TensorFlow's threads round differently stays small
    ema_momentum=0.8,
    most_px=50.0,
    turned_share=0.0,  # so little a network learns upright faces first
    validation_share=0.3,
)


def tiny_network(*_) -> keras.Model:
    """What makes resuming hard, batch norm, and cells of three strides. And little else: one head for all."""
    layers = keras.layers
    pictures = keras.Input((None, None, 3))
    x = layers.AveragePooling2D(2)(layers.Rescaling(1 / 127.5, -1)(pictures))
    x = layers.Conv2D(16, 7, strides=4, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.8)(x))
    score = layers.Dense(1, bias_initializer=keras.initializers.Constant(-4.6))
    place, answers = layers.Dense(17), []
    for _ in range(3):
        answers.append(layers.Reshape((-1, 18))(layers.Concatenate()([score(x), place(x)])))
        x = layers.AveragePooling2D(2)(x)
    return keras.Model(pictures, layers.Concatenate(axis=1)(answers))


class InterruptedTrainingError(Exception):
    pass


@pytest.fixture
def images(image):
    pictures = [
        image([(2 + 2 * n, 4, 18 + 2 * n, 24), (30, 26, 44, 44)], 48, 48, "ab"[n % 2]) for n in range(6)
    ]
    return DetectionData(tuple(pictures[:4]), tuple(pictures[4:]), (), frozenset("ab"))


def go(run, images, recipe=SMALL):
    keras.utils.set_random_seed(0)
    return fit(tiny_network(), recipe, images, run, pretrained=False)


def assert_same(run, other):
    """The same epochs, but for the last digits of TensorFlow's sums."""
    for mine, its in zip(epochs_done(run), epochs_done(other), strict=True):
        assert (mine.epoch, mine.learning_rate) == (its.epoch, its.learning_rate)
        assert mine.loss == pytest.approx(its.loss, rel=1e-3)
        assert mine.score == pytest.approx(its.score, abs=1e-3)


def test_training_learns_and_goes_on_after_an_interruption(tmp_path, monkeypatch, images):
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    draw, drawn = TrainingTiles.batch, []

    def noted(self, epoch, index):
        drawn.append((epoch, index))
        return draw(self, epoch, index)

    monkeypatch.setattr(TrainingTiles, "batch", noted)
    best = go(whole, images)
    assert drawn == [(epoch, index) for epoch in range(2) for index in range(10)]
    epochs = epochs_done(whole)
    assert [e.epoch for e in epochs] == [0, 1]
    assert epochs[1].loss < 0.97 * epochs[0].loss
    assert 1e-2 > epochs[0].learning_rate > epochs[1].learning_rate
    assert {s: v.n for s, v in epochs[0].validation.items()} == {"a": 2, "b": 2}
    assert epochs[1].score == pytest.approx(np.mean([v.ap50 for v in epochs[1].validation.values()]))
    assert [p.name for p in (whole / CHECKPOINTS).iterdir()] == [BEST]

    def interrupted(self, epoch, index):
        if (epoch, index) == (1, 2):
            raise InterruptedTrainingError
        return draw(self, epoch, index)

    monkeypatch.setattr(TrainingTiles, "batch", interrupted)
    with pytest.raises(InterruptedTrainingError):
        go(parted, images)
    monkeypatch.undo()
    with (parted / METRICS_FILE).open("a") as file:  # the machine died while it wrote
        file.write('{"epoch": ')
    again = go(parted, images)
    assert_same(parted, whole)
    for mine, its in zip(again.get_weights(), best.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, atol=3e-3)

    # What is finished is not trained again.
    monkeypatch.setattr(fitting, "_one_epoch", None)
    assert (go(parted, images).get_weights()[0] == again.get_weights()[0]).all()
    assert len(epochs_done(parted)) == 2


def test_weights_come_back_exactly_after_their_averages():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization()])
    model.compile(keras.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.5), "mse")
    rng, steps = np.random.default_rng(0), []
    for _ in range(4):
        model.train_on_batch(rng.normal(size=(8, 3)), rng.normal(size=(8, 2)))
        steps.append(model.get_weights())
    expected = steps[0][0]
    for step in steps[1:]:
        expected = 0.5 * expected + 0.5 * step[0]
    with ema_weights(model):
        np.testing.assert_allclose(model.get_weights()[0], expected, rtol=1e-5)
    assert all((now == own).all() for now, own in zip(model.get_weights(), steps[-1], strict=True))


def test_validation_counts_by_source(monkeypatch):
    """Two pictures of a source. Of 3 faces 2 are found, one of them with a low score. Of 3 false
    detections one lies in a region to ignore and one scores low.

    By score: hit .9, false .8, hit .2, false .1. So precision is 1 up to a recall of 1/3, then 2/3 up to 2/3.
    """
    answers = {
        10: [((10, 10, 30, 30), 0.9), ((60, 60, 70, 70), 0.8), ((31, 60, 41, 70), 0.95)],
        20: [((41, 42, 60, 60), 0.2), ((5, 60, 15, 70), 0.1)],
    }

    def found(network, rgb, min_score):  # pictures of 100 pixels are looked at twice as large
        assert rgb.shape == (200, 200, 3)
        return [
            Detection(tuple(2.0 * v for v in box), score, "tiny") for box, score in answers[int(rgb[0, 0, 0])]
        ]

    monkeypatch.setattr(fitting, "find", found)
    first = np.stack([row((10, 10, 30, 30)), row((30, 55, 45, 75), IGNORED)])
    second = np.stack([row((40, 40, 60, 60)), row((80, 80, 95, 95))])
    images = [
        AnnotatedImage(np.full((100, 100, 3), level, np.uint8), rows, "here")
        for level, rows in ((10, first), (20, second))
    ]
    (counted,) = validate(None, images).values()
    assert (counted.n, counted.found, counted.false) == (3, 1, 1)
    assert counted.ap50 == pytest.approx(1 / 3 * 1 + 1 / 3 * 2 / 3)


def test_the_network_answers_in_arrays():
    answers = network_of(tiny_network())(np.zeros((2, 64, 32, 3), np.float32))
    assert isinstance(answers, np.ndarray) and answers.shape == (2, 32 + 8 + 2, 18)


@pytest.fixture
def manifest(tmp_path, image, boxed_images_file):
    one = image([(8, 10, 28, 34), (50, 50, 66, 68)], 96, 80)
    return read_manifest(boxed_images_file(tmp_path, [("train", one)] * 8 + [("test", one)] * 3))


def test_a_training_keeps_its_record_and_never_reads_the_test_part(tmp_path, monkeypatch, manifest):
    """The test part's pictures are none."""
    monkeypatch.setattr(training, "build_detector", tiny_network)
    recipe = dataclasses.replace(SMALL, phases=(Phase("all", 1),), pictures_per_epoch=4, batch=1)
    run = tmp_path / "runs" / "tiny"

    def train(recipe=recipe, **options):
        return training.train_detector(recipe, manifest, run, backbone_weights="none", **options)

    train()
    config = read_config(run)
    assert (config.task, config.recipe, config.id) == ("detect", "face_fpn", "tiny")
    assert config.manifest_sha256 == manifest.sha256
    assert (
        config.split_sizes["train"] + config.split_sizes["validation"] == 8
        and config.split_sizes["faces"] == 0
    )
    assert [*config.settings["sources"]] == ["drawn"] and config.settings["size"] == 64
    assert read_groups(run) == {group_hash(f"drawn/{n}") for n in range(8)}
    assert len(epochs_done(run)) == 1
    with pytest.raises(RecordError, match="exists already"):
        train()
    with pytest.raises(RecordError, match="started with another"):
        train(dataclasses.replace(recipe, batch=2), resume=True)
    train(resume=True)
    assert len(epochs_done(run)) == 1
