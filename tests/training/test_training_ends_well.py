"""Trainings that cannot begin or go on, or were given wrongly, end in a sentence that is recorded."""

import json
import logging
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

from core.errors import RecordError
from core.runs import catalog, read_config, read_epochs
from tests.conftest import ROOT
from training import train
from training.data import read_manifest
from training.fitting import networks
from training.fitting import train as fitting
from training.fitting.networks import NotDownloadedError
from training.fitting.run_folder import differences
from training.fitting.shipped_backbone import body_of
from training.fitting.train import train_classifier, with_labels
from training.recipes import load_recipe

# TensorFlow's arrays use what NumPy is about to drop: theirs to mend
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
SIDE = 32


@pytest.fixture
def faces(tmp_path):
    """A folder of noise for each of three labels."""
    rng = np.random.default_rng(0)
    for label in ("with_mask", "incorrect_mask", "without_mask"):
        (tmp_path / "faces" / label).mkdir(parents=True)
        for i in range(12):
            cv2.imwrite(str(tmp_path / "faces" / label / f"{i}.png"), rng.integers(0, 256, (SIDE, SIDE, 3)))
    return tmp_path / "faces"


def tiny(recipe, weights, name="body"):
    picture = keras.Input((recipe.size, recipe.size, 3))
    x = keras.layers.Conv2D(4, 3, strides=4)(keras.layers.Rescaling(1 / 255)(picture))
    x = keras.layers.Flatten()(x)
    return keras.Model(picture, keras.layers.Dense(len(recipe.class_set), activation="softmax")(x))


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(fitting, "build", tiny)


def started(faces, run, *options, recipe="mobilenet_mask2"):
    """The command's exit status, 0 for good, in a folder of its own."""
    arguments = [recipe, "--data", str(faces), "--output", str(run), "--size", str(SIDE), "--epochs", "2"]
    try:
        return train.main([*arguments, *options])
    except SystemExit as stop:
        return stop.code


def state_of(run):
    return catalog.state(catalog.read_run(run.name, run))


def test_a_loss_that_is_no_number_ends_in_a_sentence_and_a_failed_run(faces, tmp_path, quick, capsys):
    assert started(faces, tmp_path / "run", "--optimizer", "sgd", "--learning-rate", "1e30") == 1
    said = capsys.readouterr().err
    assert "In epoch 1 the loss became" in said and "lower --learning-rate than" in said
    assert "Traceback" not in said
    run = catalog.read_run("run", tmp_path / "run")
    assert catalog.state(run) == "failed" and "which is no number" in run.said.reason
    assert json.loads((tmp_path / "run/state.json").read_text())["state"] == "failed"


def test_a_training_that_ends_is_finished_and_epochs_count_from_1(faces, tmp_path, quick, capsys, caplog):
    caplog.set_level(logging.INFO)
    assert started(faces, tmp_path / "run") == 0
    assert state_of(tmp_path / "run") == "finished"
    assert [epoch.epoch for epoch in read_epochs(tmp_path / "run")] == [0, 1]  # the record's own count
    assert "epoch 1: val_loss" in caplog.text and "epoch 2: val_loss" in caplog.text
    assert "epoch 0" not in caplog.text
    best = min(read_epochs(tmp_path / "run"), key=lambda epoch: epoch.val_loss).epoch + 1
    assert f"Best epoch: {best}." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("problem", "code", "state", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted", "--resume"),
        (RecordError("A picture went missing."), 1, "failed", "A picture went missing."),
    ],
)
def test_what_ends_a_training_is_in_its_record(
    faces, tmp_path, quick, monkeypatch, capsys, problem, code, state, said
):
    def ended(*_, **__):
        assert state_of(tmp_path / "run") == "in progress"
        raise problem

    monkeypatch.setattr(fitting, "fit_classifier", ended)
    assert started(faces, tmp_path / "run") == code
    assert said in capsys.readouterr().err and state_of(tmp_path / "run") == state


def test_a_bug_is_loud_and_in_the_record_too(faces, tmp_path, quick, monkeypatch):
    def ended(*_, **__):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(fitting, "fit_classifier", ended)
    with pytest.raises(ZeroDivisionError):
        started(faces, tmp_path / "run")
    assert catalog.read_run("run", tmp_path / "run").said.reason == "ZeroDivisionError: by nothing"


def test_no_folder_is_made_before_the_weights_are_at_hand(faces, tmp_path, capsys):
    assert started(faces, tmp_path / "run", "--backbone-weights", str(tmp_path / "absent.h5")) == 1
    assert "No backbone weights at" in capsys.readouterr().err and not (tmp_path / "run").exists()


@pytest.mark.parametrize("name", ["my run", "x" * 101, "-run", "läufe", ".hidden"])
def test_a_bad_name_is_a_sentence(faces, tmp_path, capsys, name):
    assert started(faces, tmp_path / name) == 1
    said = capsys.readouterr().err
    assert "is no name for a run" in said and "Traceback" not in said
    assert not (tmp_path / name).exists()


def test_a_place_that_cannot_be_written_is_a_sentence(faces, tmp_path, quick, capsys):
    (tmp_path / "file").write_text("no folder")
    assert started(faces, tmp_path / "file" / "run") == 1
    assert "cannot be written" in capsys.readouterr().err


def test_going_on_otherwise_names_only_what_differs(faces, tmp_path, quick, capsys):
    assert started(faces, tmp_path / "run", "--backbone-weights", "none") == 0
    capsys.readouterr()
    options = ("--resume", "--backbone-weights", "none", "--batch", "8", "--learning-rate", "0.5")
    assert started(faces, tmp_path / "run", *options) == 1
    said = capsys.readouterr().err
    assert "was started with another batch: 32, now 8; phases 1.learning_rate: 0.001, now 0.5" in said
    assert len(said) < 400


def test_what_only_one_of_two_runs_has_is_named():
    from tests.records import run_config

    before, now = run_config("a", settings={"x": 1}), run_config("a", settings={"y": [1, 2]})
    assert differences(before, now) == ["x: 1, now not there", "y: not there, now [1, 2]"]
    assert differences(before, before) == []


def test_three_classes_stay_three(faces, tmp_path, quick, caplog):
    caplog.set_level(logging.INFO)
    assert started(faces, tmp_path / "run") == 0
    config = read_config(tmp_path / "run")
    assert config.labels.set == "mask3" and len(config.labels.names) == 3
    assert config.split_sizes["train"] + config.split_sizes["validation"] == 36
    assert "its own are learned: with_mask, incorrect_mask, without_mask" in caplog.text


def test_the_labels_that_the_data_has_are_learned(faces):
    manifest = read_manifest(faces)
    two = load_recipe("mobilenet_mask2")
    assert with_labels(two, manifest).labels.name == "mask3"
    assert with_labels(load_recipe("mask3"), manifest) == load_recipe("mask3")
    assert with_labels(two, manifest, "mask2").labels.name == "mask2"


@pytest.fixture
def without_network(monkeypatch):
    whole = keras.applications.MobileNetV2

    def absent(*args, weights=None, **options):
        if weights == "imagenet":
            raise Exception("URL fetch failure on https://storage.googleapis.com: None -- [Errno -2]")
        return whole(*args, weights=weights, **options)

    monkeypatch.setattr(keras.applications, "MobileNetV2", absent)


def test_without_a_network_training_starts_from_the_body_that_ships(
    faces, tmp_path, monkeypatch, caplog, without_network
):
    seen = []

    def fitted(model, recipe, dataset, run, **options):
        seen.append((model, recipe, options["pretrained"]))
        return model

    monkeypatch.setattr(fitting, "fit_classifier", fitted)
    recipe = load_recipe("mobilenet_mask2")
    manifest = read_manifest(faces)
    train_classifier(recipe, manifest, tmp_path / "run")
    assert (
        "cannot be downloaded" in caplog.text and "starts from the body of mask3, which ships" in caplog.text
    )
    ((model, used, pretrained),) = seen
    body, shipped = model.get_layer("body"), body_of("mask3")
    assert pretrained and used.body_ends_at == shipped.layers[-1].name
    for mine, theirs in zip(body.get_weights(), shipped.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert read_config(tmp_path / "run").settings["backbone_weights"] == "mask3"
    train_classifier(
        recipe, manifest, tmp_path / "run", resume=True
    )  # and goes on so, with a network or without


def test_a_recipe_for_any_use_and_other_bodies_have_no_substitute(
    faces, tmp_path, monkeypatch, without_network
):
    with pytest.raises(NotDownloadedError):
        networks.build(load_recipe("mobilenet_mask2"), "imagenet")
    assert fitting.substitute_for_imagenet(load_recipe("mask3_open")) is None
    assert fitting.substitute_for_imagenet(load_recipe("resnet_once8")) is None


COMMANDS = (
    *("train", "export", "evaluate", "audit", "calibration", "cross_source", "gender_wear"),
    "label_check",
    *("mine_false_faces", "pack", "split", "detection.teach", "detection.operating_point"),
)


def loaded_by(code):
    """The heavy libraries that a process has loaded after running that code, and what it wrote as errors."""
    script = f"""
import contextlib, importlib, io, os, sys
{code}
heavy = {{"tensorflow", "keras", "jax", "torch", "pandas", "onnxruntime", "scipy.optimize"}}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip().splitlines()[-1], done.stderr


def test_help_of_every_command_loads_no_framework():
    loaded, said = loaded_by(
        f"""
for name in {COMMANDS}:
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        importlib.import_module("training." + name).main(["--help"])
    assert "usage: python -m training" in out.getvalue(), name
"""
    )
    assert (loaded, said) == ("[]", "")


SLIPS = (
    ("train mask3", "--data"),
    ("train no_such --data d", "Unknown recipe 'no_such'"),
    ("train mask3 --data absent --output r", "absent"),
    ("train mask3 --data d --output my&run", "no name for a run"),
    ("train mask3 --data d --trains some", "--trains some"),
    ("export absent.h5 mine --labels a,b", "absent.h5"),
    ("export x ../mine --labels a,b", "no name for a model"),
    ("export x mine --input-range 0..1", "invalid choice"),
    ("cross_source mask3 --data absent --source a --output r", "absent"),
)


def test_a_slip_is_answered_before_a_framework_is_loaded(tmp_path):
    loaded, said = loaded_by(
        f"""
names = ("train", "export", "cross_source")
modules = {{name: importlib.import_module("training." + name) for name in names}}
sys.path.insert(0, os.getcwd())
os.chdir({str(tmp_path)!r})
for line in {[line for line, _ in SLIPS]}:
    name, *given = line.split()
    with contextlib.suppress(SystemExit):
        modules[name].main(given)
    sys.stderr.write("\\0")
"""
    )
    assert loaded == "[]" and "Traceback" not in said
    for (line, wanted), error in zip(SLIPS, said.split("\0"), strict=False):
        assert wanted in error, line
    assert list(tmp_path.iterdir()) == []
