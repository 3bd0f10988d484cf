"""ONNX Runtime tells its maker nothing: it would from its import on, in any process of ours."""

import os
import subprocess
import sys
import time

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from core.errors import ModelError
from core.models import onnx_runtime
from tests.conftest import ROOT

ANSWER = """
from core.models.installed import SHIPPED
from core.models.onnx_runtime import session
session((SHIPPED / "mask3/model.onnx").read_bytes())
"""


@pytest.mark.parametrize("script", [ANSWER, "import core, onnxruntime"], ids=["ours", "another library's"])
@pytest.mark.parametrize("said", [None, "0"], ids=["unset", "switched on"])
def test_no_device_id_is_written(script, said, tmp_path):
    given = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    given |= {"HOME": str(tmp_path), "XDG_CACHE_HOME": "", "TMPDIR": str(tmp_path)}
    given |= {"PYTHONDONTWRITEBYTECODE": "1"} | ({"ORT_DISABLE_TELEMETRY": said} if said else {})
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [str(path) for path in tmp_path.rglob("*")] == []


FACES = np.zeros((1, 160, 160, 3), np.float32)
SIDE = 3_000


def graph(nodes, **constants) -> bytes:
    """Of `nodes`, whose last result is "big", with int64 or float32 constants by name."""
    pictures = helper.make_tensor_value_info("faces", TensorProto.FLOAT, [None, 160, 160, 3])
    answer = helper.make_tensor_value_info("answer", TensorProto.FLOAT, None)
    last = [
        helper.make_node("ReduceMax", ["big"], ["m"], keepdims=0),
        helper.make_node("Add", ["m", "faces"], ["answer"]),
    ]
    held = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    made = helper.make_graph([*nodes, *last], "g", [pictures], [answer], held)
    return helper.make_model(
        made, opset_imports=[helper.make_opsetid("", 13)], ir_version=8
    ).SerializeToString()


ONE, LARGE = np.ones(1, np.float32), np.array([2_500_000_000])
LARGER_THAN_ANY = {
    "filled": graph([helper.make_node("ConstantOfShape", ["s"], ["big"])], s=LARGE),
    "expanded": graph([helper.make_node("Expand", ["o", "s"], ["big"])], s=LARGE, o=ONE),
    "resized": graph(
        [helper.make_node("Resize", ["faces", "", "k"], ["big"])], k=np.float32([1, 100, 400, 1])
    ),
}


@pytest.mark.parametrize("name", LARGER_THAN_ANY)
def test_no_graph_takes_more_memory_than_all_may(name):
    session = onnx_runtime.session(LARGER_THAN_ANY[name])
    with pytest.raises(Exception, match="Available memory of"):
        onnx_runtime.run(session, "faces", FACES)


def test_a_graph_that_computes_without_end_is_given_up(monkeypatch):
    """Before it is run nothing of it is computed, not even what hangs on constants alone."""
    chain = [helper.make_node("MatMul", [f"x{i}"] * 2, [f"x{i + 1}"]) for i in range(500)]
    start = helper.make_node("Expand", ["o", "s"], ["x0"])
    end = helper.make_node("Identity", ["x500"], ["big"])
    monkeypatch.setattr(onnx_runtime, "MAX_SECONDS", 0.5)
    began = time.monotonic()
    session = onnx_runtime.session(graph([start, *chain, end], s=np.array([SIDE, SIDE]), o=ONE * 1e-4))
    with pytest.raises(ModelError, match=r"it takes more than 0\.5 s"):
        onnx_runtime.run(session, "faces", FACES)
    assert time.monotonic() - began < 30
