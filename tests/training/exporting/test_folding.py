"""The graph with the factor in its weights answers as before."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from training.exporting.folding import fold_scale

RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(0, 1, (4, 3, 3, 3)).astype(np.float32)


def graph(path, nodes, constants):
    pictures = helper.make_tensor_value_info("pictures", TensorProto.FLOAT, [None, 8, 8, 3])
    answers = helper.make_tensor_value_info("answers", TensorProto.FLOAT, [None] * 4)
    initializers = [numpy_helper.from_array(np.asarray(v, np.float32), name) for name, v in constants.items()]
    made = helper.make_graph(nodes, "graph", [pictures], [answers], initializers)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def scaling(path, *, factor=1 / 127.5, shift=-1.0, extra=()):
    nodes = [
        helper.make_node("Mul", ["pictures", "factor"], ["scaled"]),
        helper.make_node("Add", ["scaled", "shift"], ["shifted"]),
        helper.make_node("Transpose", ["shifted"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "weights"], ["answers"], strides=[2, 2], auto_pad="SAME_UPPER"),
        *extra,
    ]
    return graph(path, nodes, {"factor": factor, "shift": shift, "weights": WEIGHTS})


def answers(path):
    pictures = np.random.default_rng(1).integers(0, 256, (2, 8, 8, 3)).astype(np.float32)
    return onnxruntime.InferenceSession(str(path)).run(None, {"pictures": pictures})[0]


def operators(path):
    return [node.op_type for node in onnx.load(path).graph.node]


def test_a_factor_goes_into_the_weights_and_the_edges_stay_as_they_are(tmp_path):
    path = scaling(tmp_path / "model.onnx")
    before = answers(path)
    assert fold_scale(path)
    assert operators(path) == ["Add", "Transpose", "Conv"]
    np.testing.assert_allclose(answers(path), before, atol=1e-5)
    assert not fold_scale(path)  # nothing is left to fold


@pytest.mark.parametrize(
    "otherwise",
    [
        {"extra": [helper.make_node("Neg", ["scaled"], ["also"])]},  # somebody else wants it as it was
        {"factor": [1.0, 2.0, 3.0]},  # one for each channel
        {"factor": 0.0},
    ],
    ids=["used twice", "by channel", "zero"],
)
def test_what_cannot_be_folded_stays(tmp_path, otherwise):
    path = scaling(tmp_path / "model.onnx", **otherwise)
    before = path.read_bytes()
    assert not fold_scale(path)
    assert path.read_bytes() == before


def test_a_graph_without_scaling_stays(tmp_path):
    nodes = [
        helper.make_node("Transpose", ["pictures"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "weights"], ["answers"]),
    ]
    path = graph(tmp_path / "model.onnx", nodes, {"weights": WEIGHTS})
    assert not fold_scale(path)
    assert operators(path) == ["Transpose", "Conv"]
