"""What runs the network: a compiled ONNX graph on a CPU, Keras on a GPU.

A CPU never imports a framework: ONNX Runtime answers 8 faces some 2 to 3 times sooner than a compiled
TensorFlow function or OpenCV's reader on the same two cores, and starts in a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from core import settings
from core.errors import ModelError
from core.models.onnx_runtime import run, session
from core.models.weights import WeightsCard, read_weights
from core.text import printable

EngineName = Literal["onnx", "keras"]


class Engine(Protocol):
    """Runs one network. Safe to share between threads."""

    name: EngineName

    def run(self, batch: np.ndarray) -> np.ndarray:
        """What the network answers to (N, H, W, 3) float32 RGB 0 to 255, its first axis of length N.

        A classifier's is (N, C) softmax probabilities, not calibrated.
        """
        ...


class OnnxEngine:
    """A compiled graph on the CPU, without a deep-learning framework."""

    name: EngineName = "onnx"

    def __init__(self, folder: Path, card: WeightsCard) -> None:
        graph = read_weights(folder, card, "onnx")
        try:
            self._session = session(graph)
        except Exception as problem:  # ONNX Runtime has an exception class for each kind of bad graph
            raise _not_loaded(card, "onnx", problem) from None
        wanted, given = [None, card.input_size, card.input_size, 3], self._session.get_inputs()[0].shape
        if [v if isinstance(v, int) else None for v in given] != wanted:
            raise ModelError(
                f"Model {card.name!r} takes {given}, but its card says {wanted}. Export it again."
            )
        self._input, self._name = self._session.get_inputs()[0].name, card.name

    def run(self, batch: np.ndarray) -> np.ndarray:
        try:
            return run(self._session, self._input, batch)
        except Exception as problem:  # such as further inputs, shapes that do not fit, or memory without end
            said = printable(str(problem), longest=500).rstrip(".")
            raise ModelError(f"Model {self._name!r} cannot answer: {said}. Export it again.") from None


class KerasEngine:
    """Keras on whatever backend it runs on. Its first call traces: see `Classifier.warm_up`."""

    name: EngineName = "keras"

    def __init__(self, folder: Path, card: WeightsCard) -> None:
        from core.models.keras_file import load_keras

        content = read_weights(folder, card, "keras")
        try:
            self._model = load_keras(content)
        except Exception as problem:  # Keras raises many kinds for a file that is not a model of its own
            raise _not_loaded(card, "keras", problem) from None
        self._run = _compiled(self._model)

    def run(self, batch: np.ndarray) -> np.ndarray:
        return self._run(batch)


def _not_loaded(card: WeightsCard, engine: EngineName, problem: Exception) -> ModelError:
    said = printable(str(problem), longest=500).rstrip(".")  # it may quote untrusted text
    return ModelError(
        f"Model {card.name!r} cannot be loaded from {card.weights[engine].file}: {said}. "
        "Train or export it again."
    )


def _compiled(model: Any) -> Callable[[np.ndarray], np.ndarray]:
    """A compiled call where the backend has one: `model.predict` costs some 50 ms of overhead a batch."""
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        graph = tf.function(lambda x: model(x, training=False), reduce_retracing=True)
        return lambda batch: np.asarray(graph(tf.constant(batch)), np.float32)
    return lambda batch: np.asarray(
        keras.ops.convert_to_numpy(model(batch, training=False)),
        np.float32,
    )


def has_gpu() -> bool:
    """Whether Keras would run on a GPU. Imports the framework only where an NVIDIA driver is present."""
    if not any(Path(p).exists() for p in ("/dev/nvidiactl", "/proc/driver/nvidia/version", "/dev/dxg")):
        return False
    try:
        import keras

        return any("gpu" in d.lower() or "cuda" in d.lower() for d in keras.distribution.list_devices("gpu"))
    except Exception:  # a broken driver or framework must not keep the CPU from answering
        return False


_ENGINES: dict[str, Callable[[Path, WeightsCard], Engine]] = {"onnx": OnnxEngine, "keras": KerasEngine}


def load_engine(folder: Path, card: WeightsCard, name: str | None = None) -> Engine:
    """The engine asked for, by name or $MASKWISE_ENGINE; else Keras on a GPU, ONNX on a CPU.

    Raises `ModelError`, or `SettingsError` where $MASKWISE_ENGINE names none.
    """
    name = name or settings.ENGINE.get()
    if not name:
        name = "keras" if "keras" in card.weights and has_gpu() else "onnx"
    if name not in _ENGINES:
        raise ModelError(f"Unknown engine {name!r}. Choose one of: {', '.join(_ENGINES)}.")
    return _ENGINES[name](folder, card)
