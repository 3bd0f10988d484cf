import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import onnxruntime

from training.export import write_onnx
from training.networks import mobilenet_v2

# TensorFlow's arrays and tf2onnx use what NumPy is about to drop: theirs to mend
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
]


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """MobileNetV2 from a weights file: random ones, and batch norm set to what they make of noise."""
    keras.utils.set_random_seed(0)
    body = keras.applications.MobileNetV2((32, 32, 3), alpha=0.35, include_top=False, weights=None)
    for layer in body.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    body(keras.random.uniform((64, 32, 32, 3), -1, 1), training=True)
    path = tmp_path_factory.mktemp("backbone") / "backbone.weights.h5"
    body.save_weights(path)
    return mobilenet_v2(3, size=32, alpha=0.35, dropout=0.2, backbone_weights=path)


FACES = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3)).astype(np.float32)


def test_the_network_takes_0_to_255_and_rescales_by_itself(network):
    rescaled = network.get_layer(index=1)(np.array([[[[0.0, 127.5, 255.0]]]], np.float32))
    assert np.asarray(rescaled).ravel() == pytest.approx([-1, 0, 1])


def test_batch_norm_stays_as_it_came_in_training_too(network):
    before = [np.asarray(w) for w in network.non_trainable_weights if "moving" in w.path]
    network(FACES, training=True)
    after = [np.asarray(w) for w in network.non_trainable_weights if "moving" in w.path]
    assert before and all((a == b).all() for a, b in zip(before, after, strict=True))
    assert not any("BN" in w.path for w in network.trainable_weights)


def test_the_compiled_graph_answers_as_the_network_for_any_number_of_faces(network, tmp_path):
    write_onnx(network, tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].name == "faces"
    for faces in (FACES[:1], FACES):
        (answer,) = session.run(None, {"faces": faces})
        assert answer.sum(axis=1) == pytest.approx(np.ones(len(faces)), abs=1e-5)
        assert np.abs(answer - np.asarray(network(faces, training=False))).max() < 1e-4
    assert answer.std(axis=0).max() > 0.01  # it does not say the same of every picture
    assert [p.name for p in tmp_path.iterdir()] == ["model.onnx"]  # no temporary file stays
