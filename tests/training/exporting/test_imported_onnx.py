"""ONNX networks trained elsewhere: fed as they were trained, and their answers made probabilities."""

import os

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from core.classification import load_classifier
from core.errors import ModelError
from core.models import read_card, session
from training import export
from training.exporting.conventions import GREY
from training.exporting.imported_weights import as_ours, load_imported

SIDE = 16
rng = np.random.default_rng(5)
KERNEL = rng.normal(0, 1, (4, 3, 3, 3)).astype(np.float32)
TOP = rng.normal(0, 2, (4, 2)).astype(np.float32)
TOLD = "--labels=with_mask,without_mask"


def faces(n=3):
    return np.random.default_rng(1).uniform(0, 255, (n, SIDE, SIDE, 3)).astype(np.float32)


def network(
    last="Softmax",
    *,
    channels_first=True,
    channels=3,
    batch="N",
    outputs=2,
    kind=TensorProto.FLOAT,
    opset=13,
    ir=8,
    side=SIDE,
) -> onnx.ModelProto:
    """A convolution, its mean, a reshape as exporters write it, units, and what the answers end with."""
    shape = [batch, channels, side, side] if channels_first else [batch, side, side, channels]
    start = ["pixels"]
    nodes = [helper.make_node("Cast", ["input"], ["pixels"], to=TensorProto.FLOAT)]
    if not channels_first:
        nodes.append(helper.make_node("Transpose", start, ["first"], perm=[0, 3, 1, 2]))
        start = ["first"]
    nodes += [
        helper.make_node("Conv", [*start, "kernel"], ["conv"]),
        helper.make_node("GlobalAveragePool", ["conv"], ["pool"]),
        helper.make_node("Reshape", ["pool", "flat"], ["features"]),
        helper.make_node("MatMul", ["features", "top"], ["logits" if last else "answer"]),
    ]
    if last:
        nodes.append(helper.make_node(last, ["logits"], ["answer"]))
    constants = [
        numpy_helper.from_array(KERNEL[:, :channels], "kernel"),
        numpy_helper.from_array(TOP[:, :outputs], "top"),
        numpy_helper.from_array(np.array([1 if batch == 1 else -1, 4], np.int64), "flat"),
    ]
    inputs = [helper.make_tensor_value_info("input", kind, shape)]
    if ir < 4:  # then every constant is an input, too
        inputs += [helper.make_tensor_value_info(c.name, c.data_type, list(c.dims)) for c in constants]
    graph = helper.make_graph(
        nodes,
        "network",
        inputs,
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, [batch, outputs])],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)


def run(model, pictures):
    return session(model.SerializeToString()).run(None, {"faces": pictures})[0]


def logits(x, outputs=2):
    """What the network makes of (N, H, W, C) before its last step, by NumPy."""
    kernel = KERNEL[:, : x.shape[3]]
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(1, 2))
    conv = np.einsum("nhwcij,ocij->nhwo", windows, kernel)
    return conv.mean(axis=(1, 2)) @ TOP[:, :outputs]


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


@pytest.mark.parametrize(
    ("input_range", "order", "prepared"),
    [
        ("-1,1", "rgb", lambda x: x / 127.5 - 1),
        ("0,1", "bgr", lambda x: x[..., ::-1] / 255),
        ("caffe", "rgb", lambda x: x[..., ::-1] - np.array([103.939, 116.779, 123.68])),
        ("caffe", "bgr", lambda x: x - np.array([103.939, 116.779, 123.68])),
        ("torch", "rgb", lambda x: (x / 255 - MEAN) / STD),
    ],
)
@pytest.mark.parametrize("channels_first", [True, False])
def test_pictures_are_fed_as_it_was_trained(input_range, order, prepared, channels_first):
    ours = as_ours(network(channels_first=channels_first), 2, input_range, channel_order=order)
    x = faces()
    np.testing.assert_allclose(run(ours, x), softmax(logits(prepared(x))), atol=1e-4)


@pytest.mark.parametrize(
    ("last", "outputs", "activation", "wanted"),
    [
        ("Softmax", 2, None, softmax),
        (None, 2, "softmax", softmax),
        ("Sigmoid", 1, None, lambda z: np.concatenate([1 - sigmoid(z), sigmoid(z)], axis=1)),
        (None, 1, "sigmoid", lambda z: np.concatenate([1 - sigmoid(z), sigmoid(z)], axis=1)),
        ("Sigmoid", 2, "sigmoid", lambda z: sigmoid(z) / sigmoid(z).sum(axis=1, keepdims=True)),
        (None, 2, "sigmoid", lambda z: sigmoid(z) / sigmoid(z).sum(axis=1, keepdims=True)),
    ],
)
def test_answers_become_probabilities(last, outputs, activation, wanted):
    ours = as_ours(network(last, outputs=outputs), 2, "0,1", activation=activation)
    x = faces()
    np.testing.assert_allclose(run(ours, x), wanted(logits(x / 255, outputs)), atol=1e-4)


@pytest.mark.parametrize(
    ("last", "outputs", "activation", "said"),
    [
        (None, 2, None, "--activation softmax"),
        (None, 1, None, "--activation sigmoid"),
        ("Sigmoid", 2, None, "2 sigmoids.*--activation sigmoid"),
        ("Sigmoid", 2, "softmax", "--activation sigmoid is meant"),
        ("Softmax", 2, "sigmoid", "Leave out --activation sigmoid"),
        ("Softmax", 1, None, "always 1"),
        ("Softmax", 3, None, "3 outputs for 2 labels"),
    ],
)
def test_answers_that_are_no_probabilities_are_offered_a_way(last, outputs, activation, said):
    given = network(last, outputs=min(outputs, 2))
    given.graph.output[0].type.tensor_type.shape.dim[1].dim_value = outputs
    with pytest.raises(ModelError, match=said):
        as_ours(given, 2, "0,1", activation=activation)


@pytest.mark.parametrize(("opset", "ir"), [(7, 3), (11, 6), (17, 8), (20, 9)])
def test_graphs_of_old_and_new_operators_are_run(opset, ir):
    ours = as_ours(network("Sigmoid", outputs=1, opset=opset, ir=ir), 2, "0,1")
    x = faces()
    second = sigmoid(logits(x / 255, 1))[:, 0]
    np.testing.assert_allclose(run(ours, x)[:, 1], second, atol=1e-4)


def test_a_graph_with_our_own_names_in_it_can_be_taken_again():
    once = as_ours(network(), 2, "0,255")
    twice = as_ours(as_ours(once, 2, "0,255"), 2, "0,255")
    np.testing.assert_allclose(run(twice, faces()), softmax(logits(faces())), atol=1e-4)


def test_a_graph_for_one_picture_takes_many():
    ours = as_ours(network(batch=1), 2, "0,1")
    assert session(ours.SerializeToString()).get_inputs()[0].shape == ["N", SIDE, SIDE, 3]
    x = faces(5)
    np.testing.assert_allclose(run(ours, x), softmax(logits(x / 255)), atol=1e-4)


def test_grey_pictures_are_mixed_of_the_colours():
    ours = as_ours(network(channels=1), 2, "0,1")
    x = faces()
    grey = (x @ np.array(GREY, np.float32))[..., None] / 255
    np.testing.assert_allclose(run(ours, x), softmax(logits(grey)), atol=1e-4)
    with pytest.raises(ModelError, match="grey pictures, which have no order of channels"):
        as_ours(network(channels=1), 2, "0,1", channel_order="bgr")
    with pytest.raises(ModelError, match="no mean colour"):
        as_ours(network(channels=1), 2, "caffe")


def test_whole_numbers_are_fed_where_it_takes_such():
    given = network(kind=TensorProto.UINT8)
    x = faces()
    np.testing.assert_allclose(
        run(as_ours(given, 2, "0,255"), x), softmax(logits(np.floor(x + 0.5))), atol=1e-3
    )
    with pytest.raises(ModelError, match="--input-range=0,255"):
        as_ours(given, 2, "-1,1")


def test_the_answers_of_a_quantised_network_are_taken_before_they_are_steps():
    given = network()
    given.graph.node[-1].output[0] = "exact"
    given.graph.node.append(helper.make_node("QuantizeLinear", ["exact", "step", "zero"], ["answer"]))
    given.graph.initializer.extend(
        [numpy_helper.from_array(np.float32(1 / 256), "step"), numpy_helper.from_array(np.uint8(0), "zero")]
    )
    given.graph.output[0].type.tensor_type.elem_type = TensorProto.UINT8
    x = faces()
    np.testing.assert_allclose(run(as_ours(given, 2, "0,1"), x), softmax(logits(x / 255)), atol=1e-4)


def test_a_size_that_it_does_not_say_is_asked_for():
    given = network(side="side")
    with pytest.raises(ModelError, match="--size"):
        as_ours(given, 2, "0,1")
    assert as_ours(given, 2, "0,1", 24).graph.input[0].type.tensor_type.shape.dim[1].dim_value == 24


def test_other_inputs_and_outputs_are_refused():
    several = network()
    several.graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 2]))
    with pytest.raises(ModelError, match=r"2 outputs.*A detector"):
        as_ours(several, 2, "0,1")
    with pytest.raises(ModelError, match="square RGB pictures"):
        as_ours(network(channels=2), 2, "0,1")
    with pytest.raises(ModelError, match="float32 or uint8"):
        as_ours(network(kind=TensorProto.STRING), 2, "0,1")


def test_what_is_hostile_or_too_old_is_refused_before_it_is_parsed(tmp_path):
    outside = network()
    outside.graph.initializer[0].data_location = TensorProto.EXTERNAL
    looped = network()
    looped.graph.node.append(helper.make_node("Loop", ["x"], ["y"], body=helper.make_graph([], "b", [], [])))
    others = network()
    others.graph.node[0].domain = "com.example"
    for model, said in (
        (outside, "in another file"),
        (looped, "loop or a branch"),
        (others, "not one of ONNX's own"),
        (network(opset=6), "opset_version"),
    ):
        (tmp_path / "n.onnx").write_bytes(model.SerializeToString())
        with pytest.raises(ModelError, match=rf"n\.onnx: .*{said}"):
            load_imported(tmp_path / "n.onnx")


@pytest.fixture
def models(tmp_path, monkeypatch):
    monkeypatch.setenv("MASKWISE_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_an_onnx_file_becomes_a_model_that_answers(tmp_path, models):
    (tmp_path / "theirs").write_bytes(network(batch=1).SerializeToString())  # whatever its suffix
    arguments = [str(tmp_path / "theirs"), "mine", TOLD, "--input-range=0,1", "--models", str(models)]
    assert export.main(arguments) == 0
    card = read_card(models / "mine")
    assert list(card.weights) == ["onnx"] and card.input_size == SIDE
    assert card.architecture == "ONNX network of theirs" and card.parameters > KERNEL.size
    crops = list(faces().astype(np.uint8))
    wanted = softmax(logits(np.stack(crops).astype(np.float32) / 255))
    np.testing.assert_allclose(load_classifier("mine").predict(crops).labels, wanted, atol=1e-4)


def test_a_graph_that_answers_several_pictures_otherwise_is_not_kept(tmp_path, models, capsys):
    given = network(batch=1)
    given.graph.node[3].op_type = "Identity"  # in place of the reshape: a mean over all pictures
    del given.graph.node[3].input[1:]
    given.graph.node.insert(
        4, helper.make_node("ReduceMean", ["features"], ["one"], axes=[0, 2, 3], keepdims=0)
    )
    given.graph.node[5].input[0] = "one"
    (tmp_path / "n.onnx").write_bytes(given.SerializeToString())
    with pytest.raises(SystemExit):
        export.main([str(tmp_path / "n.onnx"), "mine", TOLD, "--input-range=0,1", "--models", str(models)])
    assert "dynamic_axes" in capsys.readouterr().err and list(models.iterdir()) == []
