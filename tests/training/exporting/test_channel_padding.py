"""The graph with channels of zeros answers as before, and only what convolutions alone see has them."""

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.training.exporting.test_folding import answers, graph, operators
from training.exporting.channel_padding import pad_channels

RNG = np.random.default_rng(0)
PLANES = helper.make_node("Transpose", ["pictures"], ["planes"], perm=[0, 3, 1, 2])


def convolution(given, made, *, group=1):
    return helper.make_node("Conv", [given, f"to {made}", f"bias {made}"], [made], group=group)


def constants(**channels):
    """Of 1 x 1 convolutions by what they make: channels (given, made)."""
    return {
        f"{kind} {made}": RNG.normal(0, 1, (out, given, 1, 1) if kind == "to" else out)
        for made, (given, out) in channels.items()
        for kind in ("to", "bias")
    }


def channels(path):
    shapes = {one.name: one.dims for one in onnx.load(path).graph.initializer}
    return {
        node.output[0]: (shapes[node.input[1]][1], shapes[node.input[1]][0])
        for node in onnx.load(path).graph.node
        if node.op_type == "Conv"
    }


def test_a_bottleneck_is_padded_and_answers_as_before(tmp_path):
    nodes = [PLANES, convolution("planes", "few"), convolution("few", "answers")]
    path = graph(tmp_path / "model.onnx", nodes, constants(few=(3, 8), answers=(8, 24)))
    before = answers(path)
    assert pad_channels(path) == 1
    assert channels(path) == {"few": (3, 16), "answers": (16, 24)}
    assert operators(path) == ["Transpose", "Conv", "Conv"]
    np.testing.assert_allclose(answers(path), before, rtol=1e-3)
    assert len(onnx.load(path).graph.initializer) == 4  # those that were are gone
    assert pad_channels(path) == 0


def test_what_is_added_is_padded_together(tmp_path):
    nodes = [
        PLANES,
        convolution("planes", "first"),
        convolution("first", "wide"),
        convolution("wide", "second"),
        helper.make_node("Add", ["first", "second"], ["sum"]),
        convolution("sum", "answers"),
    ]
    path = graph(
        tmp_path / "model.onnx", nodes, constants(first=(3, 8), wide=(8, 20), second=(20, 8), answers=(8, 5))
    )
    before = answers(path)
    assert pad_channels(path) == 2
    assert channels(path) == {"first": (3, 16), "wide": (16, 20), "second": (20, 16), "answers": (16, 5)}
    np.testing.assert_allclose(answers(path), before, rtol=1e-3)


def test_a_constant_that_two_share_stays_the_others(tmp_path):
    nodes = [
        PLANES,
        convolution("planes", "few"),
        helper.make_node("Conv", ["few", "to answers", "bias answers"], ["more"]),
        helper.make_node("Conv", ["more", "to answers", "bias answers"], ["answers"]),
    ]
    path = graph(tmp_path / "model.onnx", nodes, constants(few=(3, 8), answers=(8, 8)))
    before = answers(path)
    assert pad_channels(path) == 2
    assert channels(path) == {"few": (3, 16), "more": (16, 16), "answers": (16, 8)}
    np.testing.assert_allclose(answers(path), before, rtol=1e-3)


@pytest.mark.parametrize(
    "between",
    [
        [helper.make_node("Softmax", ["few"], ["seen"], axis=1)],  # zeros would count
        [convolution("few", "seen", group=8)],
        [helper.make_node("Add", ["few", "shift"], ["seen"])],
        [helper.make_node("Add", ["few", "one"], ["seen"]), convolution("planes", "one")],  # for all channels
    ],
    ids=["softmax", "groups", "constant", "one channel"],
)
def test_what_zeros_would_change_is_left_alone(tmp_path, between):
    nodes = [PLANES, convolution("planes", "few"), *between[::-1], convolution("seen", "answers")]
    made = constants(few=(3, 8), seen=(1, 8), one=(3, 1), answers=(8, 24)) | {"shift": np.ones((8, 1, 1))}
    path = graph(tmp_path / "model.onnx", nodes, made)
    before = path.read_bytes()
    assert pad_channels(path) == 0 and path.read_bytes() == before


def test_wide_ones_and_the_last_stay(tmp_path):
    nodes = [PLANES, convolution("planes", "wide"), convolution("wide", "answers")]
    path = graph(tmp_path / "model.onnx", nodes, constants(wide=(3, 16), answers=(16, 4)))
    assert pad_channels(path) == 0
    assert channels(path) == {"wide": (3, 16), "answers": (16, 4)}
