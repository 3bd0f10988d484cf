"""TFLite networks, made ONNX in a process of its own: plain and quantised ones, and files that are none."""

import os
import sys

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
from keras import layers

from core.errors import ModelError
from core.models import session
from training.exporting import tflite, tflite_main
from training.exporting.imported_weights import as_ours, load_imported

# TensorFlow's arrays and its converter use what NumPy and TensorFlow are about to drop: theirs to mend
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]
SIDE = 16


def pictures(n=4):
    return np.random.default_rng(2).uniform(0, 255, (n, SIDE, SIDE, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    steep = keras.initializers.RandomNormal(0, 3)
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(6, 3, strides=2, activation="relu6"),
            layers.DepthwiseConv2D(3),
            layers.GlobalAveragePooling2D(),
            layers.Dense(2, "softmax", kernel_initializer=steep),
        ]
    )


def written(model, path, *, quantised=False):
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if quantised:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([one[None]] for one in pictures(16))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    path.write_bytes(converter.convert())
    return path


def answers_as(model, network, within):
    graph = as_ours(network, 2, "0,255")
    answered = session(graph.SerializeToString()).run(None, {"faces": pictures()})[0]
    wanted = np.asarray(model(pictures()))
    assert wanted.std(axis=0).max() > 0.01
    np.testing.assert_allclose(answered, wanted, atol=within)


def test_a_network_answers_as_it_did(model, tmp_path, monkeypatch):
    monkeypatch.setattr(tflite_main, "_limit", lambda: None)  # it is this process, to load TensorFlow once
    monkeypatch.setattr(sys, "argv", [])
    tflite_main.main(written(model, tmp_path / "model.tflite"), tmp_path / "model.onnx")
    answers_as(model, load_imported(tmp_path / "model.onnx"), 1e-3)


def test_a_quantised_network_answers_about_as_it_did(model, tmp_path):
    answers_as(model, load_imported(written(model, tmp_path / "model.tflite", quantised=True)), 0.1)


def test_a_file_that_only_begins_as_one_is_named_and_harms_nobody(tmp_path):
    (tmp_path / "n.tflite").write_bytes(b"\x1c\0\0\0TFL3" + bytes(range(256)) * 40)
    with pytest.raises(ModelError, match=r"n\.tflite: It cannot be made an ONNX graph.*Give the Keras file"):
        load_imported(tmp_path / "n.tflite")


def test_one_that_takes_for_ever_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(tflite, "MAX_SECONDS", 0.05)
    (tmp_path / "n.tflite").write_bytes(b"\x1c\0\0\0TFL3")
    with pytest.raises(ModelError, match=r"takes more than 0\.05 s"):
        load_imported(tmp_path / "n.tflite")
