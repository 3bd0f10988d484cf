"""The one place that starts ONNX Runtime."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from core.errors import ModelError
from core.models.half_weights import widened
from core.models.onnx_graph import check
from core.scheduling import cores

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

MAX_SECONDS = 60.0  # of one call: 64 faces take a slow core one or two
MAX_MEMORY = (1 + cores()) * 2**30  # bytes of all graphs: weights, and 64 faces in InceptionV3 a core

_threads = 0  # of each session: as many as there are cores


def use_threads(count: int) -> None:
    """How many threads each session has that is started from now on: one, where there is a process a core."""
    global _threads
    _threads = count


def session(graph: bytes) -> InferenceSession:
    """A compiled graph on the CPU, safe to share. Raises `ModelError`, before it is compiled for what might
    read other files, and an exception of its own kind for each other bad graph.
    """
    check(graph)
    graph = widened(graph)
    _bound_memory()
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what fails is raised
    # Idle threads sleep instead of spinning: the cores belong to decoding and to other viewers too.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.intra_op_num_threads = _threads
    return onnxruntime.InferenceSession(
        graph,
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=["ConstantFolding"],  # computes before `run` can bound it; exporters have done it
    )


def run(session: InferenceSession, name: str, batch: np.ndarray) -> np.ndarray:
    """The first answer to the input `name`. Raises `ModelError` after `MAX_SECONDS`, looked at between the
    graph's nodes, and an exception of ONNX Runtime's own kind for what does not fit.
    """
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.log_severity_level = 4
    timer = threading.Timer(MAX_SECONDS, setattr, (options, "terminate", True))
    timer.daemon = True
    timer.start()
    try:
        return np.asarray(session.run(None, {name: batch}, options)[0])
    except Exception:
        if options.terminate:
            raise ModelError(f"it takes more than {MAX_SECONDS:g} s") from None
        raise
    finally:
        timer.cancel()


@cache
def _bound_memory() -> None:
    """For all sessions together: a small graph may ask for any number of gigabytes between its nodes."""
    import onnxruntime as ort

    kind = ort.OrtAllocatorType.ORT_ARENA_ALLOCATOR
    place = ort.OrtMemoryInfo("Cpu", kind, 0, ort.OrtMemType.DEFAULT)
    ort.create_and_register_allocator(place, ort.OrtArenaCfg({"max_mem": MAX_MEMORY}))
