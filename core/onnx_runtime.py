"""The one place that starts ONNX Runtime."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.onnx_graph import check

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def session(graph: bytes) -> InferenceSession:
    """A compiled graph on the CPU, safe to share. Raises `ModelError`, before it is compiled for what might
    read other files, and an exception of its own kind for each other bad graph.
    """
    check(graph)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Idle threads sleep instead of spinning: the cores belong to decoding and to other viewers too.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
