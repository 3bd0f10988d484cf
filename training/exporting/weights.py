"""From a network to weights for each engine, which become a model only when the engines agree."""

from __future__ import annotations

import gc
import logging
import math
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias, TypeVar
from unittest import mock

import keras
import numpy as np
import onnx

from core.errors import ModelError, RecordError
from core.models import EngineName, Weights, WeightsCard, read_keras, read_weights, sha256_of
from training.exporting.channel_padding import pad_channels
from training.exporting.folding import fold_scale, spell_out
from training.exporting.half_weights import halve_onnx, pack_keras, round_weights
from training.exporting.onnx_friendly import make_onnx_friendly
from training.fitting import BEST, CHECKPOINTS

FILES: dict[EngineName, str] = {"onnx": "model.onnx", "keras": "model.keras"}
_ANY_SIDE = 64  # pixels, where a network takes any

C = TypeVar("C")
Network: TypeAlias = keras.Model | onnx.ModelProto


def best_of(run: Path) -> keras.Model:
    """A run's best epoch, in float32. Raises `RecordError`."""
    best = run / CHECKPOINTS / BEST
    if not best.is_file():
        raise RecordError(f"{best} is missing. Train the run again, or copy its checkpoints here.")
    return in_float32(read_keras(best))


def network_of(folder: Path, card: WeightsCard) -> keras.Model:
    """An installed model's network, in float32. Raises `ModelError`."""
    read_weights(folder, card, "keras")  # of the hash that its card says
    return in_float32(read_keras(folder / card.weights["keras"].file))


def parameters_of(model: Network) -> int:
    """How many numbers it learned; of a graph, all its constants."""
    if isinstance(model, onnx.ModelProto):
        return sum(math.prod(one.dims) for one in model.graph.initializer)
    return int(model.count_params())


def side_taken(model: Network) -> int:
    """Pixels of the square pictures that it takes."""
    if isinstance(model, onnx.ModelProto):
        return int(model.graph.input[0].type.tensor_type.shape.dim[1].dim_value)
    return int(model.input_shape[1])


def in_float32(model: Network) -> Network:
    """The network with all its layers in float32: what was trained in mixed precision is not served in it."""
    if isinstance(model, onnx.ModelProto):
        return model
    text = model.to_json()
    if "float16" not in text:
        return model
    same = keras.models.model_from_json(re.sub(r'"(mixed_)?b?float16"', '"float32"', text))
    same.set_weights(model.get_weights())
    return same


def install(
    model: Network,
    folder: Path,
    card_of: Callable[[dict[EngineName, Weights]], C],
    check: Callable[[Path, C], None],
    write: Callable[[Path, C], None],
    *,
    halved: bool = False,
) -> Path:
    """Write weights, see by `check` that the engines agree, and only then let `folder` be a model.

    `halved` rounds a Keras network's weights to float16, in place, so that its files take half the room.

    One that is there already is replaced as a whole, with what else lies in it, so that no process that is
    killed leaves new weights beside an old card.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as temporary:
        draft, before = Path(temporary) / "draft", Path(temporary) / "before"
        if folder.exists():
            shutil.copytree(folder, draft, ignore=shutil.ignore_patterns(*FILES.values()))
        draft.mkdir(exist_ok=True)
        written = _write(model, draft, halved)
        card = card_of({e: Weights(file=f, sha256=sha256_of(draft / f)) for e, f in written.items()})
        check(draft, card)
        write(draft, card)
        if folder.exists():
            folder.rename(before)
        draft.rename(folder)
    return folder


def _write(model: Network, draft: Path, halved: bool) -> dict[EngineName, str]:
    """The files of the engines that can run it: an ONNX graph is run by one alone."""
    if isinstance(model, onnx.ModelProto):
        onnx.save(model, draft / FILES["onnx"])
        return {"onnx": FILES["onnx"]}
    if halved:
        round_weights(model)
    model.save(draft / FILES["keras"])
    write_onnx(model, draft / FILES["onnx"])
    if halved:
        pack_keras(draft / FILES["keras"])
        halve_onnx(draft / FILES["onnx"])
    return FILES


def write_onnx(model: keras.Model, path: Path) -> None:
    """The graph for any number of pictures (N, H, W, 3) float32, of any size where the network takes any."""
    if keras.backend.backend() != "tensorflow":
        raise ModelError("ONNX is written by way of TensorFlow. Export with KERAS_BACKEND=tensorflow.")
    make_onnx_friendly(model)
    shape = [side or _ANY_SIDE for side in model.input_shape[1:]]
    model(np.zeros((1, *shape), np.float32))  # Keras exports what was called once
    logging.getLogger("tf2onnx").setLevel(
        logging.CRITICAL
    )  # what it does not know, `spell_out` does or names
    try:
        with warnings.catch_warnings(), _old_copies_freed():
            warnings.simplefilter("ignore")  # of what tf2onnx asks NumPy for: theirs to mend
            model.export(path, format="onnx", verbose=False)
    except Exception as problem:  # tf2onnx and TensorFlow raise many kinds for what they do not know
        raise ModelError(
            f"The network cannot be written as ONNX: {problem}. Replace the layer named there by one that "
            "ONNX knows, and train again."
        ) from None
    spell_out(path)
    fold_scale(path)
    pad_channels(path)


@contextmanager
def _old_copies_freed() -> Iterator[None]:
    """Let tf2onnx free its copies of a graph, weights and all: one for each of some 50 steps, in cycles that
    Python frees late. A network of 480 MB took 24 GB. What was there before is set aside, to be quick.
    """
    from tf2onnx.optimizer.optimizer_base import GraphOptimizerBase

    optimize = GraphOptimizerBase.optimize

    def after_freeing(self: object, graph: object, iteration: int) -> object:
        gc.collect()
        return optimize(self, graph, iteration)

    gc.freeze()
    try:
        with mock.patch.object(GraphOptimizerBase, "optimize", after_freeing):
            yield
    finally:
        gc.unfreeze()
