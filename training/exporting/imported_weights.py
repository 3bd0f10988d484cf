"""Networks trained elsewhere, as Keras files, taken for hostile: see `core.models.keras_file`."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import h5py
import keras

from core.errors import ModelError
from core.models import (
    MAX_CONFIG_BYTES,
    MAX_FILE_BYTES,
    NETWORKS,
    check_config,
    check_weights,
    dictionaries,
    load_bounded,
    load_keras,
    read_keras,
    with_counted_weights,
)
from training.fitting import InputRange, in_range


def load_imported(path: Path) -> keras.Model:
    """The network in a .h5, .hdf5 or .keras file. Raises `ModelError`; runs no code that the file holds."""
    if path.suffix.lower() not in (".h5", ".hdf5", ".keras"):
        raise ModelError(f"{path.name}: is not a Keras file. Save the model as .keras or .h5.")
    load = load_keras if path.suffix.lower() == ".keras" else _load_h5
    return read_keras(path, load, max_bytes=MAX_FILE_BYTES)


def _load_h5(content: bytes) -> keras.Model:
    """As this Keras wants it; what is checked is what is loaded."""
    changed = io.BytesIO(content)
    with h5py.File(changed, "r+") as file:
        text = file.attrs.get("model_config")
        if not isinstance(text, (str, bytes)):
            raise ModelError("It holds weights alone. Save the whole model: model.save(path).")
        if len(text) > MAX_CONFIG_BYTES:
            raise ModelError("Its model_config is too large to be one.")
        most = check_weights(file, len(content))
        config = json.loads(text)
        check_config(config)
        for part in dictionaries(config):
            if part.get("class_name") is not None:
                _modernise(part)
        file.attrs["model_config"] = json.dumps(with_counted_weights(config))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "network.h5")
        copy.write_bytes(changed.getbuffer())
        return load_bounded(copy, most)


def _modernise(layer: dict[str, Any]) -> None:
    """What Keras 2 wrote and Keras 3 does not read."""
    settings = layer.get("config")
    if not isinstance(settings, dict):
        return
    if layer["class_name"] == "DepthwiseConv2D":
        settings.pop("groups", None)  # always 1
    axis = settings.get("axis")
    if layer["class_name"] == "BatchNormalization" and isinstance(axis, list) and len(axis) == 1:
        settings["axis"] = axis[0]
    if layer["class_name"] == "Functional":
        for end in ("input_layers", "output_layers"):
            if isinstance(settings.get(end), list) and len(settings[end]) == 1:
                settings[end] = settings[end][0]  # else one tensor would come as a list of one
        _renumber_calls(settings["layers"])


def _renumber_calls(layers: list[dict[str, Any]]) -> None:
    """Keras 2 counts a network's making as the first call of it; Keras 3 forgets that where layers meet."""
    networks = {layer["name"] for layer in layers if layer["class_name"] in NETWORKS}
    for layer in layers:
        for call in layer["inbound_nodes"]:
            for source in call if isinstance(call, list) else ():
                if source[0] in networks:
                    source[1] -= 1


def as_ours(model: keras.Model, labels: int, input_range: InputRange, size: int | None = None) -> keras.Model:
    """The network as the engines want it: faces (N, S, S, 3), 0 to 255 RGB -> (N, labels) probabilities.

    A single sigmoid unit is the probability of the second of two labels. Raises `ModelError`.
    """
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ModelError(
            "The network has several inputs or outputs, but one picture and one answer are wanted."
        )
    shape = model.inputs[0].shape
    if len(shape) != 4 or shape[3] != 3 or shape[1] != shape[2]:
        raise ModelError(f"The network takes {shape}, but square RGB pictures (N, S, S, 3) are wanted.")
    side = shape[1] or size
    if side is None:
        raise ModelError("The network takes pictures of any size. Say which it was trained on: --size.")
    if size not in (None, side):
        raise ModelError(f"The network takes {side} px, not the {size} of --size.")
    faces = keras.Input((side, side, 3), name="faces")
    try:
        (answer,) = keras.tree.flatten(model(in_range(faces, input_range)))
    except ValueError as problem:
        raise ModelError(f"The network does not take pictures of {side} px: {problem}.") from None
    if len(answer.shape) != 2:
        raise ModelError(f"The network answers {answer.shape}, but one number a label is wanted.")
    if answer.shape[1] == 1 and labels == 2:
        answer = keras.layers.Concatenate()([keras.layers.Rescaling(-1.0, offset=1.0)(answer), answer])
    if answer.shape[1] != labels:
        raise ModelError(f"The network has {answer.shape[1]} outputs for {labels} labels. Correct --labels.")
    return keras.Model(faces, answer, name="imported")
