"""From a network to weights for each engine, which become a model only when the engines agree."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import keras
import numpy as np

from core.errors import ModelError, RecordError
from core.models import EngineName, Weights, read_keras, sha256_of
from core.records import PLAIN_NAME
from training.exporting.folding import fold_scale
from training.fitting import BEST, CHECKPOINTS

FILES: dict[EngineName, str] = {"onnx": "model.onnx", "keras": "model.keras"}
_ANY_SIDE = 64  # pixels, where a network takes any

C = TypeVar("C")


def best_of(run: Path) -> keras.Model:
    """A run's best epoch, in float32. Raises `RecordError`."""
    best = run / CHECKPOINTS / BEST
    if not best.is_file():
        raise RecordError(f"{best} is missing. Train the run again, or copy its checkpoints here.")
    return in_float32(read_keras(best))


def in_float32(model: keras.Model) -> keras.Model:
    """The network with all its layers in float32: what was trained in mixed precision is not served in it."""
    text = model.to_json()
    if "float16" not in text:
        return model
    same = keras.models.model_from_json(re.sub(r'"(mixed_)?b?float16"', '"float32"', text))
    same.set_weights(model.get_weights())
    return same


def install(
    model: keras.Model,
    folder: Path,
    card_of: Callable[[dict[EngineName, Weights]], C],
    check: Callable[[Path, C], None],
    write: Callable[[Path, C], None],
) -> Path:
    """Write weights, see by `check` that the engines agree, and only then let `folder` be a model.

    One that is there already is replaced as a whole, with what else lies in it, so that no process that is
    killed leaves new weights beside an old card.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        draft, before = Path(temporary) / "draft", Path(temporary) / "before"
        if folder.exists():
            shutil.copytree(folder, draft, ignore=shutil.ignore_patterns(*FILES.values()))
        draft.mkdir(exist_ok=True)
        model.save(draft / FILES["keras"])
        write_onnx(model, draft / FILES["onnx"])
        card = card_of({e: Weights(file=f, sha256=sha256_of(draft / f)) for e, f in FILES.items()})
        check(draft, card)
        write(draft, card)
        if folder.exists():
            folder.rename(before)
        draft.rename(folder)
    return folder


def write_onnx(model: keras.Model, path: Path) -> None:
    """The graph for any number of pictures (N, H, W, 3) float32, of any size where the network takes any."""
    if keras.backend.backend() != "tensorflow":
        raise ModelError("ONNX is written by way of TensorFlow. Export with KERAS_BACKEND=tensorflow.")
    shape = [side or _ANY_SIDE for side in model.input_shape[1:]]
    model(np.zeros((1, *shape), np.float32))  # Keras exports what was called once
    try:
        model.export(path, format="onnx", verbose=False)
    except Exception as problem:  # tf2onnx and TensorFlow raise many kinds for what they do not know
        raise ModelError(
            f"The network cannot be written as ONNX: {problem}. Replace the layer named there by one that "
            "ONNX knows, and train again."
        ) from None
    fold_scale(path)


def checked_name(name: str) -> str:
    """Raises `RecordError` for what cannot be a model's folder."""
    if not re.fullmatch(PLAIN_NAME, name):
        raise RecordError(
            f"{name!r} is no name for a model: take letters, digits, dots, dashes, underscores."
        )
    return name
