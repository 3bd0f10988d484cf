"""Networks trained elsewhere, of several kinds of files, taken for hostile: see `core.models.keras_file`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import keras
import onnx

from core.errors import ModelError
from core.models import ELSE_AS_ONNX, load_keras
from core.text import printable
from training.exporting.conventions import Activation, ChannelOrder, Conventions
from training.exporting.file_kinds import Kind
from training.exporting.imported_keras import keras_as_ours
from training.exporting.imported_onnx import load_onnx, onnx_as_ours
from training.exporting.keras_h5 import load_h5
from training.exporting.network_file import NetworkFile, open_network
from training.exporting.serving import for_serving
from training.exporting.tflite import load_tflite
from training.exporting.weights import Network
from training.fitting import InputRange

_LOADERS: Mapping[Kind, Callable[[bytes], Network]] = {
    "hdf5": load_h5,
    "keras": partial(load_keras, changed=for_serving),
    "onnx": load_onnx,
    "tflite": load_tflite,
}


def load_network(file: NetworkFile) -> Network:
    """Raises `ModelError` that names the file; runs no code that it holds."""
    try:
        return _LOADERS[file.kind](file.content)
    except ModelError as problem:
        raise ModelError(f"{file.path}: {problem}") from None
    except Exception as problem:  # zipfile, json, h5py, Keras and ONNX raise many kinds for broken files
        said = printable(str(problem) or type(problem).__name__, 400).rstrip(".")
        raise ModelError(
            f"{file.path}: {_by(file.kind)} cannot load it: {said}. Copy it here once more, in case it is "
            f"damaged. {ELSE_AS_ONNX}"
        ) from None


def load_imported(path: Path) -> Network:
    """See `open_network` and `load_network`."""
    return load_network(open_network(path))


def _by(kind: Kind) -> str:
    return f"Keras {keras.__version__}" if kind in ("hdf5", "keras") else f"ONNX {onnx.__version__}"


def as_ours(
    network: Network,
    labels: int,
    input_range: InputRange,
    size: int | None = None,
    *,
    channel_order: ChannelOrder = "rgb",
    activation: Activation | None = None,
) -> Network:
    """The network as the engines want it: faces (N, S, S, 3), 0 to 255 RGB -> (N, labels) probabilities.

    A single sigmoid unit is the probability of the second of two labels. For the other arguments see
    `Conventions`. Raises `ModelError`.
    """
    how = Conventions(input_range, channel_order, activation, size)
    if isinstance(network, onnx.ModelProto):
        return onnx_as_ours(network, labels, how)
    return keras_as_ours(network, labels, how)
