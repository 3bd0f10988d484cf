"""ONNX files of strangers: what could read another file or never end is refused before it is compiled."""

import itertools
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.errors import ModelError
from core.models import onnx_runtime
from core.models.card import read_card
from core.models.engines import OnnxEngine
from core.models.installed import SHIPPED
from core.models.onnx_graph import check
from core.models.weights import Weights, sha256_of

PICTURES, ANSWERS = (
    helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
    for name, shape in (("faces", [None, 16, 16, 3]), ("answer", None))
)
TRUE = helper.make_tensor("true", TensorProto.BOOL, [], [True])


def model(nodes, initializers=(), **more) -> onnx.ModelProto:
    graph = helper.make_graph(nodes, "g", [PICTURES], [ANSWERS], list(initializers), **more)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def added(tensor) -> onnx.ModelProto:
    return model([helper.make_node("Add", ["faces", tensor.name], ["answer"])], [tensor])


def outside(location: str):
    """48 numbers that lie in another file."""
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
    tensor.dims.extend([16, 3])
    for key, value in (("location", location), ("offset", "0"), ("length", "192")):
        tensor.external_data.add(key=key, value=value)
    return tensor


def constant(tensor) -> onnx.ModelProto:
    return model([helper.make_node("Constant", [], ["answer"], value=tensor)])


def branch(inner=()) -> onnx.ModelProto:
    then = helper.make_graph(
        [helper.make_node("Identity", ["faces"], ["out"])], "then", [], [ANSWERS], list(inner)
    )
    node = helper.make_node("If", ["true"], ["answer"], then_branch=then, else_branch=then)
    return model([node], [TRUE])


def with_function() -> onnx.ModelProto:
    made = model([helper.make_node("Identity", ["faces"], ["answer"])])
    inner = helper.make_node("Add", ["x", "x"], ["y"])
    made.functions.append(helper.make_function("own", "Twice", ["x"], ["y"], [inner], []))
    return made


def sparse() -> onnx.ModelProto:
    values = numpy_helper.from_array(np.ones(1, np.float32), "w")
    place = numpy_helper.from_array(np.zeros(1, np.int64), "i")
    made = model([helper.make_node("Identity", ["faces"], ["answer"])])
    made.graph.sparse_initializer.append(helper.make_sparse_tensor(values, place, [10**12]))
    return made


def huge() -> onnx.ModelProto:
    return added(TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[10**6, 10**6], raw_data=b"1234"))


def many() -> onnx.ModelProto:
    names = ["faces", *map(str, range(20_000)), "answer"]
    return model([helper.make_node("Relu", [a], [b]) for a, b in itertools.pairwise(names)])


HOSTILE = {
    "external data": (added(outside("../../secrets.toml")), "another file"),
    "external data of an absolute path": (added(outside("/etc/hostname")), "another file"),
    "external data of a constant": (constant(outside("../../secrets.toml")), "another file"),
    "external data in a branch": (branch([outside("../../secrets.toml")]), "a loop or a branch"),
    "a branch": (branch(), "a loop or a branch"),
    "a function": (with_function(), "functions"),
    "an operator of somebody's own": (
        model([helper.make_node("Run", ["faces"], ["answer"], domain="wicked")]),
        "not one of ONNX's own",
    ),
    "sparse weights": (sparse(), "sparse"),
    "a terabyte of weights": (huge(), "more than it holds"),
    "too many nodes": (many(), "more than 20,000 nodes"),
}


@pytest.mark.parametrize(("made", "said"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_hostile_is_refused_with_the_reason(made, said):
    with pytest.raises(ModelError, match=said):
        check(made.SerializeToString())


def test_the_file_would_have_been_read(tmp_path, monkeypatch):
    """What is refused works in ONNX Runtime: a graph that gives away 192 bytes of any file."""
    (tmp_path / "secrets.toml").write_bytes(np.arange(48, dtype=np.float32).tobytes())
    monkeypatch.chdir(tmp_path)
    largest = model([helper.make_node("Max", ["faces", "w"], ["answer"])], [outside("secrets.toml")])
    graph = largest.SerializeToString()
    with pytest.raises(ModelError, match="another file"):
        onnx_runtime.session(graph)
    monkeypatch.setattr(onnx_runtime, "check", lambda graph: None)
    answer = onnx_runtime.session(graph).run(None, {"faces": np.zeros((1, 16, 16, 3), np.float32)})[0]
    assert answer[0, 0].ravel().tolist() == list(range(48))


def test_the_serving_engine_refuses_it_too_and_names_the_file(tmp_path):
    card = read_card(SHIPPED / "mask3")
    made = added(outside("../../secrets.toml")).SerializeToString()
    (tmp_path / "model.onnx").write_bytes(made)
    weights = {"onnx": Weights(file="model.onnx", sha256=sha256_of(tmp_path / "model.onnx"))}
    card = card.model_copy(update={"weights": weights})
    with pytest.raises(ModelError, match=r"model\.onnx: It keeps weights in another file.*Train or export"):
        OnnxEngine(tmp_path, card)


def test_a_graph_that_cannot_answer_is_a_model_error(tmp_path):
    """Terabytes from a few bytes: nothing in the file is large."""
    grown = helper.make_node("Expand", ["pixel", "shape"], ["grown"])
    total = helper.make_node("ReduceSum", ["grown"], ["total"], keepdims=0)
    pixel = helper.make_node("ReduceMax", ["faces"], ["pixel"], keepdims=0)
    added_up = helper.make_node("Add", ["faces", "total"], ["answer"])
    shape = numpy_helper.from_array(np.array([10**6, 10**7], np.int64), "shape")
    made = model([pixel, grown, total, added_up], [shape])
    (tmp_path / "model.onnx").write_bytes(made.SerializeToString())
    weights = {"onnx": Weights(file="model.onnx", sha256=sha256_of(tmp_path / "model.onnx"))}
    card = read_card(SHIPPED / "mask3").model_copy(update={"weights": weights, "input_size": 16})
    engine = OnnxEngine(tmp_path, card)
    with pytest.raises(ModelError, match=r"'mask3' cannot answer: .*Export it again"):
        engine.run(np.zeros((1, 16, 16, 3), np.float32))


def test_what_only_some_readers_of_the_format_see_is_refused():
    """Fields written twice, out of order, or with a longer number than needed."""
    graph = added(numpy_helper.from_array(np.ones(3, np.float32), "w")).SerializeToString()
    check(graph)
    twice = graph + added(outside("x")).SerializeToString()  # other readers merge both
    late = b"\x70\x01"  # data_location = EXTERNAL
    long_key = b"\xf0\x80\x80\x80\x80\x80\x00\x01"
    for made, said in (
        (twice, "another file|several graphs"),
        (graph + long_key, "no number"),
        (graph[:-1], "cut off"),
        (b"", "no graph"),
        (b"not a model", "not an ONNX file"),
        (b"\x00\x00\x00\x00ORTM" + bytes(20), "own format"),
        (graph + b"\x0b", "no known kind"),
    ):
        with pytest.raises(ModelError, match=said):
            check(made)
    tensor = numpy_helper.from_array(np.ones(3, np.float32), "w").SerializeToString() + late
    inner = b"\x2a" + bytes([len(tensor)]) + tensor
    with pytest.raises(ModelError, match="another file"):
        check(b"\x3a" + bytes([len(inner)]) + inner)


def test_millions_of_empty_parts_are_refused_soon():
    nodes = b"\x0a\x00" * 10**6
    began = time.monotonic()
    with pytest.raises(ModelError, match="more than"):
        check(b"\x3a" + _varint(len(nodes)) + nodes)
    assert time.monotonic() - began < 2


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*/*.onnx")), ids=lambda path: path.parent.name)
def test_what_ships_is_compiled(path: Path):
    onnx_runtime.session(path.read_bytes())


def test_noise_is_refused_in_words_or_does_no_harm():
    rng = np.random.default_rng(0)
    good = np.frombuffer((SHIPPED / "mask3/model.onnx").read_bytes(), np.uint8)
    refused = 0
    for _ in range(300):
        noisy = good.copy()
        noisy[rng.integers(0, 20_000, 50)] = rng.integers(0, 256, 50)
        try:
            check(noisy.tobytes())
        except ModelError:
            refused += 1
    assert refused > 100
