"""Every network of the installed `keras.applications`: exported from its file, it answers as it did.

Whole they take half an hour, so by default small ones are made of Keras's own blocks, which have every kind
of layer that any of them has.
"""

import os
from functools import cache, partial

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
from keras import layers
from keras.src.applications import (
    convnext,
    densenet,
    efficientnet,
    efficientnet_v2,
    inception_resnet_v2,
    mobilenet_v3,
    nasnet,
    resnet,
)

from core.errors import ModelError
from core.models import session
from core.models.keras_file import load_keras
from training.exporting.imported_weights import as_ours, load_imported
from training.exporting.weights import write_onnx

# TensorFlow's arrays and tf2onnx use what NumPy is about to drop: theirs to mend
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
]
NAMES = sorted(name for name, made in vars(keras.applications).items() if name[0].isupper() and made)
TOO_LARGE = ("ConvNeXtLarge", "ConvNeXtXLarge")  # see core.models.keras_file.MAX_FILE_BYTES
SIDES = {"Xception": 71, "InceptionV3": 75, "InceptionResNetV2": 75}


def of_blocks(*blocks):
    def network(**options):
        x = faces = keras.Input(options["input_shape"])
        for block in blocks:
            x = block(x)
        return keras.Model(faces, layers.GlobalAveragePooling2D()(x))

    return network


def inception_resnet(x):
    return inception_resnet_v2.inception_resnet_block(x, 0.2, "block35", 1)


def nasnet_cells(x):
    x, before = nasnet._reduction_a_cell(x, None, 8, "a")
    return nasnet._normal_a_cell(x, before, 8, "b")[0]


def mobilenet(x, kernel, activation, se_ratio):
    x = mobilenet_v3._inverted_res_block(x, 1, 16, 3, 2, se_ratio, layers.ReLU(), 0)
    return mobilenet_v3._inverted_res_block(x, 4, 16, kernel, 1, se_ratio, activation, 1)


def residual(stack, x):
    return stack(x, 8, 2, name="a")


SMALL = {
    "ConvNeXt": partial(convnext.ConvNeXt, (1, 1, 1, 1), (8, 8, 16, 16), drop_path_rate=0.1),
    "DenseNet": partial(densenet.DenseNet, (2, 1, 1, 1)),
    "EfficientNet": partial(
        efficientnet.EfficientNet, 0.2, 0.3, 32, blocks_args=efficientnet.DEFAULT_BLOCKS_ARGS[:2]
    ),
    "EfficientNetV2": partial(
        efficientnet_v2.EfficientNetV2,
        0.2,
        0.3,
        32,
        blocks_args=[efficientnet_v2.DEFAULT_BLOCKS_ARGS["efficientnetv2-b0"][i] for i in (0, 3)],
    ),
    "InceptionResNetV2": of_blocks(layers.Conv2D(8, 3, 2), inception_resnet),
    "MobileNetV3": partial(mobilenet_v3.MobileNetV3, mobilenet, 32),
    "NASNet": of_blocks(layers.Conv2D(8, 3, 2), nasnet_cells),
    "ResNet": partial(resnet.ResNet, partial(residual, resnet.stack_residual_blocks_v1), False, True),
    "ResNetV2": partial(resnet.ResNet, partial(residual, resnet.stack_residual_blocks_v2), True, True),
}
SIDE = 32


@cache
def small(name):
    keras.utils.set_random_seed(0)
    options = {"weights": None, "classes": 8, "input_shape": (SIDE, SIDE, 3), "classifier_activation": None}
    return SMALL[name](**options)


def kinds(network):
    return {type(layer).__name__ for layer in network._flatten_layers()}


@pytest.fixture(scope="module")
def known_kinds():
    return {kind for name in SMALL for kind in kinds(small(name))}


@pytest.mark.parametrize("name", SMALL)
def test_a_small_network_round_trips(name, tmp_path):
    round_trip(small(name), SIDE, tmp_path)


def test_small_networks_have_every_kind_of_layer_of_another(known_kinds):
    options = {"weights": None, "classes": 2, "input_shape": (SIDE, SIDE, 3)}
    assert kinds(keras.applications.MobileNet(alpha=0.25, **options)) <= known_kinds


@pytest.mark.skipif("SLOW" not in os.environ, reason="takes long; set SLOW=1 to run it")
@pytest.mark.parametrize("name", NAMES)
def test_a_network_round_trips(name, tmp_path, known_kinds):
    assert len(NAMES) > 30
    side = SIDES.get(name, SIDE)
    keras.utils.set_random_seed(0)
    options = {"include_top": False, "weights": None, "input_shape": (side, side, 3), "pooling": "avg"}
    body = getattr(keras.applications, name)(**options)
    assert kinds(body) <= known_kinds
    if name in TOO_LARGE:
        body.save(tmp_path / "theirs.keras")
        with pytest.raises(ModelError, match="MB"):
            load_imported(tmp_path / "theirs.keras")
    else:
        round_trip(body, side, tmp_path)


def calm(body, x):
    """Features of random weights: make the branches of a network smaller until rounding changes them little.

    Only EfficientNetV2L needs it: so deep, it answers otherwise in float64 than in float32, in Keras alone.
    """
    normalised = [layer for layer in body._flatten_layers() if isinstance(layer, layers.BatchNormalization)]
    for _ in range(10):
        features, nudged = (np.asarray(body(x * np.float32(by), training=False)) for by in (1, 1 + 1e-6))
        if np.abs(nudged - features).max() < 1e-3 * features.std(0).mean():
            return features
        for layer in normalised:
            if layer.gamma is not None:
                layer.gamma.assign(layer.gamma * 0.9)
    raise AssertionError("No scale makes this network's features stable.")


def round_trip(body, side, tmp_path):
    x = np.random.default_rng(1).uniform(0, 255, (3, side, side, 3)).astype(np.float32)
    features = calm(body, x)
    # Features of random weights are small and alike: the last layer makes their differences large
    spread = features.std(0)
    kernel = np.random.default_rng(2).normal(0, 4 / np.sqrt(spread.size), (spread.size, 2))
    kernel = np.divide(kernel, spread[:, None], out=np.zeros_like(kernel), where=spread[:, None] > 0)
    last = layers.Dense(2, "softmax")
    faces = keras.Input((side, side, 3))
    model = keras.Model(faces, last(body(faces)))
    last.set_weights([kernel, -features.mean(0) @ kernel])
    wanted = np.asarray(model(x, training=False))
    assert np.ptp(wanted[:, 0]) > 0.1, "The answers do not depend on the pictures."
    model.save(tmp_path / "theirs.keras")
    ours = as_ours(load_imported(tmp_path / "theirs.keras"), 2, "0,255")
    np.testing.assert_allclose(np.asarray(ours(x, training=False)), wanted, atol=1e-4)
    ours.save(tmp_path / "model.keras")
    write_onnx(ours, tmp_path / "model.onnx")
    (answered,) = session((tmp_path / "model.onnx").read_bytes()).run(None, {"faces": x})
    np.testing.assert_allclose(answered, wanted, atol=1e-3)
    served = load_keras((tmp_path / "model.keras").read_bytes())
    np.testing.assert_allclose(np.asarray(served(x, training=False)), wanted, atol=1e-4)
