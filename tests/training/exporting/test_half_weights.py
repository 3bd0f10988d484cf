"""Weights rounded to float16: half the room, and the same answers."""

import zipfile

import keras
import numpy as np
import onnx
import pytest
from keras import layers
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from core.models.keras_file import read_keras
from core.models.onnx_runtime import session
from training.exporting.half_weights import LEAST, halve_onnx, pack_keras, round_weights

# Keras makes NumPy's arrays of TensorFlow's by what NumPy is about to drop: theirs to mend
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SIDES = (4, LEAST)


def kernel(scale: float = 1.0) -> np.ndarray:
    return (scale * np.random.default_rng(0).normal(0, 1, SIDES)).astype(np.float32)


def network(values: np.ndarray) -> keras.Model:
    model = keras.Sequential([keras.Input((SIDES[0],)), layers.Dense(SIDES[1], name="dense")])
    bias = np.full(SIDES[1], 1 / 3, np.float32)
    model.get_layer("dense").set_weights([values, bias])
    return model


def graph(path, values: np.ndarray):
    made = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"]), helper.make_node("Add", ["y", "b"], ["z"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, SIDES[0]])],
        [helper.make_tensor_value_info("z", TensorProto.FLOAT, [None, SIDES[1]])],
        [
            numpy_helper.from_array(values, "w"),
            numpy_helper.from_array(np.full(SIDES[1], 1 / 3, np.float32), "b"),
        ],
    )
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 15)], ir_version=8), path)
    return path


def test_kernels_are_rounded_and_biases_are_not():
    model = network(kernel())
    round_weights(model)
    rounded, bias = model.get_layer("dense").get_weights()
    np.testing.assert_array_equal(rounded, kernel().astype(np.float16).astype(np.float32))
    assert (rounded != kernel()).any() and (bias == np.float32(1 / 3)).all()


TOO_LARGE = kernel()
TOO_LARGE[2, 3] = 70_000
UNKNOWN = kernel()
UNKNOWN[0, 0] = np.nan
KEPT = {
    "too large for float16": TOO_LARGE,
    "too small for it": kernel(1e-7),
    "no number": UNKNOWN,
}


@pytest.mark.parametrize("values", KEPT.values(), ids=list(KEPT))
def test_what_would_lose_more_than_rounding_stays_whole(values, tmp_path):
    model = network(values)
    round_weights(model)
    np.testing.assert_array_equal(model.get_layer("dense").get_weights()[0], values)
    path = graph(tmp_path / "model.onnx", values)
    halve_onnx(path)
    assert {one.data_type for one in onnx.load(path).graph.initializer} == {TensorProto.FLOAT}


def test_an_onnx_file_takes_half_the_room_for_every_reader(tmp_path):
    path = graph(tmp_path / "model.onnx", kernel())
    before = path.stat().st_size
    halve_onnx(path)
    assert path.stat().st_size < 0.65 * before  # the bias is a fifth
    onnx.checker.check_model(onnx.load(path), full_check=True)
    x = np.random.default_rng(1).normal(0, 1, (3, SIDES[0])).astype(np.float32)
    wanted = x @ kernel().astype(np.float16).astype(np.float32) + np.float32(1 / 3)
    (by_reference,) = ReferenceEvaluator(onnx.load(path)).run(None, {"x": x})
    (ours,) = session(path.read_bytes()).run(None, {"x": x})
    for answers in (by_reference, ours):
        np.testing.assert_allclose(answers, wanted, atol=1e-5)


def test_a_halved_file_halved_again_stays(tmp_path):
    path = graph(tmp_path / "model.onnx", kernel())
    halve_onnx(path)
    once = path.read_bytes()
    halve_onnx(path)
    assert path.read_bytes() == once


def test_a_packed_keras_file_is_smaller_and_one_that_keras_and_we_read(tmp_path):
    model = network(kernel())
    round_weights(model)
    path = tmp_path / "model.keras"
    model.save(path)
    before = path.stat().st_size
    pack_keras(path)
    assert path.stat().st_size < 0.75 * before
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == ["config.json", "metadata.json", "model.weights.h5"]
    for read in (keras.saving.load_model(path, compile=False), read_keras(path)):
        for was, now in zip(model.get_weights(), read.get_weights(), strict=True):
            np.testing.assert_array_equal(was, now)
