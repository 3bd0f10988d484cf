"""Networks as Keras 2 saved them, of TF 2.0 to 2.15: read as they were, or refused by name."""

import json
import os

import numpy as np
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import h5py
import keras

from core.errors import ModelError
from tests.training.exporting.keras_2_files import (
    conv,
    conv_weights,
    convolved,
    functional,
    layer,
    mean,
    picture,
    pictures,
    random,
    sequential,
    write,
)
from training.exporting.imported_weights import load_imported

# TensorFlow's arrays use what NumPy is about to drop: theirs to mend
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
WEIGHTS = conv_weights("conv", 3)
PLAIN = functional([picture(), conv("conv", "picture"), mean("conv")], "mean")


def answers(path, x):
    return np.asarray(load_imported(path)(x, training=False))


def convolves(tmp_path, before, source, made, weights=WEIGHTS):
    """Layers between the picture and a convolution hand it what NumPy makes of the picture."""
    layers = [picture(), *before, conv("conv", source), mean("conv")]
    path = write(tmp_path / "n.h5", functional(layers, "mean"), {"picture": {}, "conv": weights, "mean": {}})
    x = pictures()
    wanted = convolved(made(x), weights).mean(axis=(1, 2))
    np.testing.assert_allclose(answers(path, x), wanted, rtol=1e-4, atol=1e-3)


def function(name, source, said, kind="TFOpLambda", /, **kwargs):
    return layer(kind, name, [[source, 0, 0, kwargs]], function=said)


CAFFE = [-103.939, -116.779, -123.68]
REVERSED = [{"class_name": "__ellipsis__"}, {"start": None, "stop": None, "step": -1}]


@pytest.mark.parametrize(
    ("before", "source", "made"),
    [
        (  # preprocess_input of MobileNet
            [
                function("tf.math.truediv", "picture", "math.truediv", y=127.5, name=None),
                function("tf.math.subtract", "tf.math.truediv", "math.subtract", y=1.0, name=None),
            ],
            "tf.math.subtract",
            lambda x: x / 127.5 - 1,
        ),
        (  # of VGG and ResNet50
            [
                function("flip", "picture", "__operators__.getitem", "SlicingOpLambda", slice_spec=REVERSED),
                function("mean/less", "flip", "nn.bias_add", bias=CAFFE, data_format="NHWC"),
            ],
            "mean/less",
            lambda x: x[..., ::-1] + np.array(CAFFE),
        ),
        (  # of DenseNet
            [
                function("a", "picture", "math.truediv", y=255.0),
                function("b", "a", "nn.bias_add", bias=[-0.485, -0.456, -0.406]),
                function("c", "b", "math.truediv", y=[0.229, 0.224, 0.225]),
            ],
            "c",
            lambda x: (x / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225]),
        ),
        (  # hard_swish of MobileNetV3
            [
                function("small", "picture", "math.truediv", y=100.0),
                function("plus", "small", "__operators__.add", y=3.0),
                function("relu", "plus", "nn.relu6"),
                function("sixth", "relu", "math.multiply", y=1 / 6),
                function("product", "small", "math.multiply", y=["sixth", 0, 0]),
            ],
            "product",
            lambda x: x / 100 * np.clip(x / 100 + 3, 0, 6) / 6,
        ),
        (  # a constant first, several tensors, a slice with ends
            [
                layer("TFOpLambda", "less", [["_CONSTANT_VALUE", -1, 255.0, {"y": ["picture", 0, 0]}]])
                | {"config": {"name": "less", "function": "math.subtract"}},
                function("clip", "picture", "clip_by_value", clip_value_min=9.0, clip_value_max=99.0),
                layer(
                    "TFOpLambda",
                    "joined",
                    [[["less", 0, 0, {"axis": -1}], ["clip", 0, 0, {"axis": -1}]]],
                    function="concat",
                ),
                function(
                    "first",
                    "joined",
                    "__operators__.getitem",
                    "SlicingOpLambda",
                    slice_spec=[REVERSED[0], {"start": 2, "stop": 5, "step": None}],
                ),
            ],
            "first",
            lambda x: np.concatenate([255 - x, np.clip(x, 9, 99)], axis=-1)[..., 2:5],
        ),
    ],
    ids=["mobilenet", "caffe", "torch", "hard_swish", "constants"],
)
def test_functions_of_tensorflow_in_the_graph_are_computed(tmp_path, before, source, made):
    convolves(tmp_path, before, source, made)


def graph_op(name, source, op, constants, **attributes):
    node = {"name": name, "op": op, "input": [source, f"{name}/y"], "attr": attributes}
    return layer("TensorFlowOpLayer", name, [source], node_def=node, constants=constants)


def test_operators_of_tf_2_0_to_2_3_are_computed(tmp_path):
    masks = {"begin_mask": {"i": "2"}, "end_mask": {"i": "2"}, "ellipsis_mask": {"i": "1"}}
    before = [
        graph_op("flip", "picture", "StridedSlice", {"1": [0, 0], "2": [0, 0], "3": [1, -1]}, **masks),
        graph_op("by", "flip", "RealDiv", {"1": 127.5}),
        graph_op("less", "by", "Sub", {"1": 1.0}),
    ]
    before[2]["config"]["node_def"] = json.dumps(before[2]["config"]["node_def"])  # as TF 2.1 did
    convolves(tmp_path, before, "less", lambda x: x[..., ::-1] / 127.5 - 1)


def test_a_function_that_is_not_known_is_named(tmp_path):
    before = [function("tf.odd", "picture", "signal.fft2d")]
    with pytest.raises(ModelError, match=r"n\.h5: It computes 'signal\.fft2d' of TensorFlow.*tf2onnx"):
        convolves(tmp_path, before, "tf.odd", lambda x: x)


@pytest.mark.parametrize("version", ["2.4.0", "2.2.4-tf", "2.1.6"])
def test_augmentation_of_keras_2_does_not_act(tmp_path, version):
    random_layers = [
        layer("RandomFlip", "flip", mode="horizontal", seed=None, rng_type="stateful"),
        layer("RandomRotation", "turn", factor=0.1, fill_mode="reflect", interpolation="bilinear", seed=1),
        layer("RandomZoom", "zoom", height_factor=0.2, width_factor=None),
        layer("RandomHeight", "height", factor=0.2),
        layer("Rescaling", "scale", scale=1 / 255, offset=0.0),
        layer("FixedDropout", "drop", rate=0.5, noise_shape=None),
    ]
    layers = [*random_layers, conv("conv", []), layer("GlobalAveragePooling2D", "mean")]
    layers[0]["config"]["batch_input_shape"] = [None, 16, 16, 3]  # without an InputLayer, as TF 2.1 wrote
    config = sequential(layers)
    if version.startswith("2.1"):
        config["config"] = config["config"]["layers"]  # as Keras 2.1 did
    path = write(tmp_path / "n.h5", config, {"flip": {}, "conv": WEIGHTS}, version)
    x = pictures()
    wanted = convolved(x / 255, WEIGHTS).mean(axis=(1, 2))
    np.testing.assert_allclose(answers(path, x), wanted, rtol=1e-4, atol=1e-4)


def test_layers_that_keras_3_takes_otherwise(tmp_path):
    """Separable and transposed convolutions, and activations under their old names."""
    scalars = {"depth_multiplier": 2, "kernel_size": [3, 3], "groups": 1, "use_bias": False}
    initial = {"kernel_initializer": {"class_name": "VarianceScaling", "config": {"distribution": "normal"}}}
    layers = [
        picture(),
        layer("SeparableConv2D", "sep", ["picture"], filters=4, **scalars, **initial),
        layer(
            "LeakyReLU", "leaky", ["sep"], alpha={"class_name": "__numpy__", "type": "ndarray", "value": 0.25}
        ),
        layer("Conv2DTranspose", "up", ["leaky"], filters=2, kernel_size=[2, 2], strides=[2, 2], groups=1),
        layer("BatchNormalizationV1", "norm", ["up"], axis=[3], epsilon=0.001, momentum=0.9),
        layer("ThresholdedReLU", "over", ["norm"], theta=0.1),
        layer("DepthwiseConv2D", "depth", ["over"], kernel_size=[3, 3], groups=1, **initial, use_bias=False),
        layer("Activation", "gelu", ["depth"], activation="gelu"),
        layer("Activation", "swish", ["gelu"], activation={"class_name": "function", "config": "swish"}),
        mean("swish"),
    ]
    weights = {
        "sep": {
            "sep/depthwise_kernel:0": random(3, 3, 3, 2),
            "sep/pointwise_kernel:0": random(1, 1, 6, 4),
        },
        "up": {"up/kernel:0": random(2, 2, 2, 4), "up/bias:0": random(2)},
        "norm": {
            f"norm/{name}:0": np.abs(random(2, seed=seed)) + 0.1
            for seed, name in enumerate(("gamma", "beta", "moving_mean", "moving_variance"))
        },
        "depth": {"depth/depthwise_kernel:0": random(3, 3, 2, 1)},
    }
    path = write(tmp_path / "n.h5", functional(layers, "mean"), weights)
    x, ops = pictures() / 255, keras.ops
    y = ops.separable_conv(x, *weights["sep"].values(), padding="valid")
    y = ops.leaky_relu(y, 0.25)
    kernel, bias = weights["up"].values()
    y = ops.conv_transpose(y, kernel, strides=2, padding="valid") + bias
    gamma, beta, middle, variance = weights["norm"].values()
    y = (y - middle) / np.sqrt(variance + 0.001) * gamma + beta
    y = ops.where(y > 0.1, y, 0.0)
    y = ops.depthwise_conv(y, *weights["depth"].values(), padding="valid")
    wanted = np.asarray(ops.silu(ops.gelu(y, approximate=False))).mean(axis=(1, 2))
    np.testing.assert_allclose(answers(path, x), wanted, rtol=1e-4, atol=1e-5)


def test_names_with_slashes_find_their_own_weights(tmp_path):
    """As DenseNet's; both convolutions take arrays of one shape, and the file lists them the other way."""
    layers = [
        picture(),
        conv("block/one", "picture"),
        conv("block/two", "picture", activation="relu"),
        layer("Subtract", "apart", ["block/one", "block/two"]),
        mean("apart"),
    ]
    one, two = conv_weights("block/one", 3, seed=1), conv_weights("block/two", 3, seed=2)
    path = write(tmp_path / "n.h5", functional(layers, "mean"), {"block/two": two, "block/one": one})
    x = pictures()
    wanted = (convolved(x, one) - np.maximum(convolved(x, two), 0)).mean(axis=(1, 2))
    np.testing.assert_allclose(answers(path, x), wanted, rtol=1e-4, atol=1e-2)


@pytest.mark.parametrize("kind", ["Functional", "Sequential"])
def test_a_body_of_which_a_part_was_frozen_keeps_its_weights(tmp_path, kind):
    """Keras 2 lists arrays that learn first: those of frozen layers come last, though they are in front."""
    one, two = conv_weights("one", 3, 3, seed=1), conv_weights("two", 3, 3, seed=2)
    inner = [picture(), conv("one", "picture", 3) | {}, conv("two", "one", 3)]
    inner[1]["config"]["trainable"] = False
    body = functional(inner, "two", "body") if kind == "Functional" else sequential(inner, "body")
    body |= {"name": "body", "inbound_nodes": [[["outer", 0, 0, {"training": False}]]]}
    outer = picture() | {"name": "outer"}
    outer["config"] = outer["config"] | {"name": "outer"}
    layers = [outer, body, mean("body")]
    layers[2]["inbound_nodes"] = [[["body", 1, 0, {}]]]
    path = write(tmp_path / "n.h5", functional(layers, "mean"), {"body": two | one})
    x = pictures() / 255
    wanted = convolved(convolved(x, one), two).mean(axis=(1, 2))
    np.testing.assert_allclose(answers(path, x), wanted, rtol=1e-4, atol=1e-4)


def test_a_body_at_the_end_and_one_without_names_that_fit(tmp_path):
    """Sequential is the last layer, and its arrays have names of another network: their order tells."""
    inner = sequential([picture(), conv("one", []), layer("GlobalAveragePooling2D", "mean")], "body")
    inner |= {"name": "body", "inbound_nodes": [[["outer", 0, 0, {}]]]}
    outer = picture() | {"name": "outer"}
    outer["config"] = outer["config"] | {"name": "outer"}
    config = functional([outer, inner], "body")
    config["config"]["output_layers"] = [["body", 1, 0]]
    weights = {name.replace("conv", "conv2d_17"): array for name, array in WEIGHTS.items()}
    path = write(tmp_path / "n.h5", config, {"body": weights})
    x = pictures() / 255
    np.testing.assert_allclose(
        answers(path, x), convolved(x, WEIGHTS).mean(axis=(1, 2)), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"activation": "hard_sigmoid"}, "hard_sigmoid of Keras 2, which in Keras 3 is another function"),
        ({"causal_twist": 3}, "has causal_twist 3, which Keras 3 has not"),
        ({"activation": {"class_name": "Lambda", "config": {}}}, "'Lambda'"),
    ],
)
def test_what_would_be_another_network_is_refused_by_name(tmp_path, settings, said):
    layers = [picture(), conv("conv", "picture", **settings), mean("conv")]
    path = write(tmp_path / "n.h5", functional(layers, "mean"), {"conv": WEIGHTS})
    with pytest.raises(ModelError, match=said):
        load_imported(path)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({}, "no weights for its layer 'conv'"),
        ({"conv": conv_weights("conv", 4)}, "takes weights of shape"),
        ({"conv": {"a": random(2)}}, "takes 2 arrays of weights, and 1 came"),
    ],
)
def test_weights_of_another_network_are_refused(tmp_path, weights, said):
    path = write(tmp_path / "n.h5", PLAIN, weights | {"spare": {"spare": random(200)}})
    with pytest.raises(ModelError, match=said):
        load_imported(path)


def test_the_architecture_is_checked_after_it_was_put_into_other_words(tmp_path):
    """A layer that is huge, or is no layer, is none the less for the words of Keras 2."""
    for change, said in (
        (lambda found: found[1]["config"].update(filters=10**9), "is more than the"),
        (lambda found: found[1].update(class_name="TFSMLayer"), "TFSMLayer"),
        (lambda found: found[1]["config"].update(filters=16_000), "more weights than come with it"),
        (lambda found: found[1].update(inbound_nodes=[[["gone", 0, 0, {}]]]), "cannot load it"),
        (lambda found: found.insert(1, "nonsense"), "cannot load it"),
    ):
        layers = [picture(), conv("conv", "picture"), mean("conv")]
        change(layers)
        path = write(tmp_path / "n.h5", functional(layers, "mean"), {"conv": WEIGHTS})
        with pytest.raises(ModelError, match=said):
            load_imported(path)
        path.unlink()


def test_many_names_lie_in_several_attributes(tmp_path):
    path = write(tmp_path / "n.h5", PLAIN, {"conv": WEIGHTS})
    with h5py.File(path, "r+") as file:
        names = file["model_weights"].attrs.pop("layer_names")
        file["model_weights"].attrs["layer_names0"] = [b"picture"]
        file["model_weights"].attrs["layer_names1"] = names
        file["model_weights"].create_group("picture").attrs["weight_names"] = []
    x = pictures()
    np.testing.assert_allclose(
        answers(path, x), convolved(x, WEIGHTS).mean(axis=(1, 2)), rtol=1e-4, atol=1e-2
    )
