"""Networks that somebody trained elsewhere, as Keras files. Such a file is hostile until shown otherwise.

An .h5 file may hold Python code (a Lambda layer), and Keras's safe mode has not always kept it from running.
So the architecture is read as plain JSON first, and only layers that hold no code are let through to Keras.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras

from core.errors import ModelError
from training.input_range import InputRange, in_range

MAX_FILE_BYTES = 512 * 2**20  # ResNet50 with the state of its optimizer has some 300 MB
MAX_CONFIG_BYTES = 16 * 2**20  # that of InceptionV3 has 0.2 MB
MAX_UNITS = 16_384  # four times the widest layer of VGG: a layer of more would only fill the memory

# Layers by where Keras keeps them: arithmetic only. None calls, loads or reads what its config names
_FAMILIES = re.compile(
    r"keras\.src\.layers\.(activations|convolutional|merging|normalization|pooling|regularization|reshaping"
    r"|preprocessing\.image_preprocessing)\."
)
_FURTHER_LAYERS = {"InputLayer", "Dense", "Identity", "Rescaling", "Normalization"}
_MODELS = {"Functional", "Sequential", "Model"}
_ARITHMETIC = {"TrueDivide", "Divide", "GetItem", "Flip"}  # what `preprocess_input` leaves in a graph
_DATA = {"__keras_tensor__", "__tuple__", "__slice__", "__numpy__", "TensorShape", "DTypePolicy", "Policy"}


def load_foreign(path: Path) -> keras.Model:
    """The network in a .h5, .hdf5 or .keras file. Raises `ModelError`; runs no code that the file holds."""
    if path.suffix.lower() not in (".h5", ".hdf5", ".keras"):
        raise ModelError(f"{path.name}: is not a Keras file. Save the model as .keras or .h5.")
    try:
        size = path.stat().st_size
    except OSError as problem:
        raise ModelError(f"{path}: cannot be read ({problem.strerror}). Check the path.") from None
    if size > MAX_FILE_BYTES:
        raise ModelError(
            f"{path.name}: {size / 2**20:.0f} MB is more than the {MAX_FILE_BYTES / 2**20:.0f} allowed. "
            "Save the model without its optimizer: model.save(path, include_optimizer=False)."
        )
    with tempfile.TemporaryDirectory() as folder:  # what is checked is what is loaded
        copy = Path(shutil.copy(path, folder))
        try:
            _check(copy)
            model = keras.saving.load_model(copy, compile=False, safe_mode=True)
        except ModelError as problem:
            raise ModelError(f"{path.name}: {problem}") from None
        except Exception as problem:  # h5py, zipfile, json and Keras raise many kinds for broken files
            raise ModelError(
                f"{path.name}: Keras {keras.__version__} cannot load it: {problem}. "
                "Open it where it was trained, and save it again as .h5."
            ) from None
    return model


def _check(copy: Path) -> None:
    """Refuse what is not plain layers; write it as this Keras wants it."""
    if copy.suffix.lower() == ".keras":
        with zipfile.ZipFile(copy) as archive:
            if archive.getinfo("config.json").file_size > MAX_CONFIG_BYTES:
                raise ModelError("Its config.json is too large to be one.")
            config = json.loads(archive.read("config.json"))
        config.pop("compile_config", None)  # is not read, as nothing is compiled
        _check_config(config)
        return
    with h5py.File(copy, "r+") as file:
        text = file.attrs.get("model_config")
        if not isinstance(text, (str, bytes)):
            raise ModelError("It holds weights alone. Save the whole model: model.save(path).")
        if len(text) > MAX_CONFIG_BYTES:
            raise ModelError("Its model_config is too large to be one.")
        config = json.loads(text)
        _check_config(config)
        file.attrs["model_config"] = json.dumps(config)


def _check_config(config: dict[str, Any]) -> None:
    allowed = _allowed()
    for part in _dictionaries(config):
        name = part.get("class_name")
        if name is None:
            for field in ("units", "filters"):
                if isinstance(part.get(field), (int, float)) and part[field] > MAX_UNITS:
                    raise ModelError(
                        f"A layer of {part[field]} {field} is more than the {MAX_UNITS} allowed."
                    )
            continue
        module = part.get("module") or "keras"
        if (
            name not in allowed
            or not re.fullmatch(r"keras(\.\w+)*", str(module))
            or part.get("registered_name") not in (None, name)
        ):
            raise ModelError(
                f"It has a part {name!r} of {module!r}, which may hold code, so it is not loaded. If Keras 2 "
                "wrote the file, save it there as .h5. Else build the network of Keras's own layers, without "
                "Lambda, and give it the weights by set_weights()."
            )
        _modernise(part)


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
    networks = {layer["name"] for layer in layers if layer["class_name"] in _MODELS}
    for layer in layers:
        for call in layer["inbound_nodes"]:
            for source in call if isinstance(call, list) else ():
                if source[0] in networks:
                    source[1] -= 1


def _dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _dictionaries(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _dictionaries(inner)


def _allowed() -> set[str]:
    layers = {
        name
        for name, cls in vars(keras.layers).items()
        if isinstance(cls, type) and _FAMILIES.match(cls.__module__)
    }
    helpers = {
        name
        for module in (keras.initializers, keras.regularizers, keras.constraints)
        for name, cls in vars(module).items()
        if isinstance(cls, type)
    }
    return layers | helpers | _FURTHER_LAYERS | _MODELS | _ARITHMETIC | _DATA


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
    return keras.Model(faces, answer, name="foreign")
