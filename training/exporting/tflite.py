"""A TFLite network as ONNX, made in a process of its own with limits: what reads it is native code."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import onnx

from core.errors import ModelError
from core.models import MAX_FILE_BYTES
from core.text import printable
from training.exporting.imported_onnx import load_onnx

MAX_SECONDS = 600  # of waiting; a MobileNet takes some ten
_ROOT = Path(__file__).parents[2]
_MAIN = "training.exporting.tflite_main"


def load_tflite(content: bytes) -> onnx.ModelProto:
    """Raises `ModelError`."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "network.tflite"), Path(folder, "network.onnx")
        given.write_bytes(content)
        command = [sys.executable, "-m", _MAIN, str(given), str(made)]
        try:
            done = subprocess.run(  # noqa: S603 - this Python and our own module
                command, cwd=_ROOT, capture_output=True, text=True, timeout=MAX_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise ModelError(f"It takes more than {MAX_SECONDS} s to read. {_FROM_KERAS}") from None
        if done.returncode or not made.is_file() or made.stat().st_size > MAX_FILE_BYTES:
            last = (done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"])[-1]
            raise ModelError(f"It cannot be made an ONNX graph: {printable(last, 300)}. {_FROM_KERAS}")
        return load_onnx(made.read_bytes())


_FROM_KERAS = "Give the Keras file that it was made of."
