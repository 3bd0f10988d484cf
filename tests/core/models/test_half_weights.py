"""Weights kept in float16 with a Cast behind each: ONNX Runtime is given them in float32, ready."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.models.half_weights import widened
from core.models.installed import SHIPPED
from core.models.onnx_runtime import session

WEIGHTS = np.random.default_rng(0).normal(0, 1, (3, 200)).astype(np.float16)
X = np.random.default_rng(1).normal(0, 1, (2, 3)).astype(np.float32)


def told(name, kind=TensorProto.FLOAT, sides=None):
    return helper.make_tensor_value_info(name, kind, sides)


def cast(taken="w/half", made="w", to=TensorProto.FLOAT):
    return helper.make_node("Cast", [taken], [made], to=to)


def graph(*nodes, weights=None, more=(), inputs=(), outputs=()) -> onnx.ModelProto:
    """x times the weights, by `nodes`."""
    weights = numpy_helper.from_array(WEIGHTS, "w/half") if weights is None else weights
    made = helper.make_graph(
        [*nodes, helper.make_node("MatMul", ["x", "w"], ["y"])],
        "g",
        [told("x", sides=[None, 3]), *inputs],
        [told("y", sides=[None, 200]), *outputs],
        [weights, *more],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def test_a_halved_weight_is_made_whole():
    made = onnx.load_from_string(widened(graph(cast()).SerializeToString()))
    onnx.checker.check_model(made)
    (weights,) = made.graph.initializer
    assert weights.name == "w" and weights.data_type == TensorProto.FLOAT
    np.testing.assert_array_equal(numpy_helper.to_array(weights), WEIGHTS.astype(np.float32))
    assert [node.op_type for node in made.graph.node] == ["MatMul"]


def test_it_answers_as_with_the_cast():
    made = session(graph(cast()).SerializeToString())
    np.testing.assert_allclose(made.run(None, {"x": X})[0], X @ WEIGHTS.astype(np.float32), rtol=1e-5)


def test_what_else_is_in_the_graph_stays():
    other = numpy_helper.from_array(np.float32([1, 2]), "other")
    before = graph(cast(), more=[other])
    made = onnx.load_from_string(widened(before.SerializeToString()))
    assert {one.name for one in made.graph.initializer} == {"w", "other"}
    assert made.opset_import == before.opset_import and made.graph.input == before.graph.input
    assert made.graph.output == before.graph.output and made.graph.name == "g"


in_words = helper.make_tensor(
    "w/half", TensorProto.FLOAT16, WEIGHTS.shape, WEIGHTS.view(np.uint16), raw=False
)
in_words.ClearField("raw_data")
in_words.int32_data[:] = WEIGHTS.view(np.uint16).ravel().tolist()
cut = numpy_helper.from_array(WEIGHTS, "w/half")
cut.raw_data = cut.raw_data[:-2]
whole = numpy_helper.from_array(WEIGHTS.astype(np.float32), "w")
HALF = TensorProto.FLOAT16


@pytest.mark.parametrize(
    "made",
    [
        graph(weights=whole),
        graph(cast(made="v"), helper.make_node("Cast", ["w/half"], ["w"], to=TensorProto.FLOAT)),
        graph(cast(), inputs=[told("w/half", HALF, [3, 200])]),
        graph(cast(), outputs=[told("w/half", HALF, [3, 200])]),
        graph(cast(made="d", to=TensorProto.DOUBLE), cast("d")),
        graph(cast(), weights=in_words),
        graph(cast(), weights=cut),
        graph(cast("v"), helper.make_node("Neg", ["w/half"], ["v"])),
    ],
    ids=["whole", "taken twice", "an input", "an answer", "double", "in words", "cut off", "not cast alone"],
)
def test_a_graph_of_another_form_stays_to_the_byte(made):
    content = made.SerializeToString()
    assert widened(content) == content


@pytest.mark.parametrize("name", ["mask3", "mask3_open", "gender_wear8", "face_fpn", "face_fpn_open"])
def test_what_ships_is_halved_and_leaves_nothing_to_cast(name):
    content = (SHIPPED / name / "model.onnx").read_bytes()
    before, after = (onnx.load_from_string(one).graph for one in (content, widened(content)))
    halved = [one for one in before.initializer if one.data_type == TensorProto.FLOAT16]
    assert len(halved) > 30
    assert not [one for one in after.initializer if one.data_type == TensorProto.FLOAT16]
    assert len(after.node) == len(before.node) - len(halved)
    assert len(after.initializer) == len(before.initializer)
