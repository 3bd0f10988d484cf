"""ONNX Runtime tells its maker nothing: it would from its import on, in any process of ours."""

import os
import subprocess
import sys

import pytest

from tests.conftest import ROOT

ANSWER = """
from core.models import SHIPPED
from core.onnx_runtime import session
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
