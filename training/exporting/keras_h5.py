"""A network in HDF5, as Keras 1 to 3 wrote it, taken for hostile: see `core.models.keras_file`.

The architecture is put into Keras 3's words and built anew; each array goes to the variable of its name,
since the order in which two versions of Keras list layers may differ, and arrays of one shape be mixed up.
"""

from __future__ import annotations

import importlib
import io
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import h5py
import keras
import numpy as np

from core.errors import ModelError
from core.models import (
    MAX_CONFIG_BYTES,
    bounded,
    check_config,
    check_weights,
    dictionaries,
    with_counted_weights,
)
from training.exporting.keras_2 import MODULES_OF, in_keras_3, safe
from training.exporting.serving import for_serving

Array = tuple[str, np.ndarray]
_AGAIN = "Save it again where it was trained."
_IN_MODULES = {
    "Functional": "keras.src.models.functional",
    "Model": "keras.src.models.functional",
    "Sequential": "keras",
}
_OPERATIONS = (
    *("keras.src.ops.numpy", "keras.src.ops.nn", "keras.src.ops.core", "keras.src.ops.image"),
    "keras.src.activations.activations",
)
_MOST_CHUNKS = 10_000
_ALSO_CALLED = {"depthwise_kernel": "kernel"}  # what Keras 2 calls a variable otherwise


def load_h5(content: bytes) -> keras.Model:
    """Raises `ModelError`, and exceptions of many kinds from json, h5py and Keras for a broken file."""
    with h5py.File(io.BytesIO(content), "r") as file:
        text = file.attrs.get("model_config")
        if not isinstance(text, (str, bytes)):
            raise ModelError(
                "It holds weights alone, without the network. Save the whole model where it was trained: "
                "model.save('network.h5'), not save_weights."
            )
        if len(text) > MAX_CONFIG_BYTES:
            raise ModelError("Its model_config is too large to be one.")
        most = check_weights(file, len(content))
        version = file.attrs.get("keras_version", "")
        version = version.decode("ascii", "replace") if isinstance(version, bytes) else str(version)
        config = for_serving(_in_keras_3(json.loads(text), version))
        check_config(config)
        described = json.dumps(with_counted_weights(config))
        model = bounded(lambda known: keras.models.model_from_json(described, custom_objects=known), most)
        _assign(model, file.get("model_weights", file))
    return model


def _in_keras_3(config: Any, version: str) -> dict[str, Any]:
    """The architecture as Keras 3 takes it from JSON, where it wrote it into HDF5 or Keras 2 did."""
    if re.match(r"[012]\.", version) or any("batch_input_shape" in part for part in dictionaries(config)):
        return in_keras_3(config)
    for part in list(dictionaries(config)):
        settings, name = part.get("config"), part.get("class_name")
        if isinstance(settings, dict) and "name" in settings and isinstance(name, str):
            part.setdefault("module", _module_of(name, is_layer="dtype" in settings))
            part.setdefault("registered_name", None)
            initializers = [value for key, value in settings.items() if key.endswith("_initializer")]
            for one in dictionaries(initializers):
                one.pop("dtype", None)  # which TF 2.0 to 2.2 wrote, and Keras 3 refuses
    return dict(config)


def _module_of(name: str, *, is_layer: bool) -> str:
    """Where Keras 3 has what its HDF5 files name alone: layers, and operations, some by the same names."""
    if name in _IN_MODULES:
        return _IN_MODULES[name]
    if is_layer:
        return MODULES_OF.get(name, "keras.layers")
    return next((m for m in _OPERATIONS if hasattr(importlib.import_module(m), name)), "keras.layers")


def _assign(model: keras.Model, group: h5py.Group) -> None:
    """Give each layer its arrays. Raises `ModelError` when not all of either find each other."""
    layers = {layer.name: layer for layer in model.layers}
    given = set()
    for name in _names(group, "layer_names"):
        arrays = [(array, np.asarray(group[name][array])) for array in _names(group[name], "weight_names")]
        layer = layers.get(safe(name))
        if layer is not None and layer.weights:
            _assign_to(layer, arrays)
            given.add(layer.name)
    missing = [name for name, layer in layers.items() if layer.weights and name not in given]
    if missing:
        raise ModelError(
            f"It has no weights for its layer {missing[0]!r}. Save it again where it was trained."
        )


def _assign_to(layer: Any, arrays: Sequence[Array]) -> None:
    variables = list(_variables(layer))
    by_name = {(owner.name, variable.name): variable for owner, variable in variables}
    owners = {owner.name for owner, _ in variables}
    found = [(_named(name, owners, layer.name, by_name), array) for name, array in arrays]
    if len(by_name) < len(variables) or {key for key, _ in found if key} != set(by_name):
        _assign_in_order(layer, arrays)
    else:
        for key, array in found:
            if key:
                _set(by_name[key], array, layer)
    for owner in {id(owner): owner for owner, _ in variables}.values():
        if hasattr(owner, "finalize_state"):
            owner.finalize_state()


def _variables(layer: Any) -> Iterator[tuple[Any, Any]]:
    """The variables of a layer or of all layers in a network, each with its own layer."""
    for one in getattr(layer, "layers", ()):
        yield from _variables(one)
    if not hasattr(layer, "layers"):
        yield from ((layer, variable) for variable in layer.weights)


def _named(name: str, owners: set[str], only: str, known: Any) -> tuple[str, str] | None:
    """Which variable `[NETWORK/]LAYER/VARIABLE:0` is, None where there is none of that name."""
    *path, last = re.sub(r":\d+$", "", name).split("/")
    ways = [last, re.sub(r"_\d+$", "", last)]
    ways += [_ALSO_CALLED[way] for way in ways if way in _ALSO_CALLED]
    whose = [safe("/".join(path[at:])) for at in range(len(path))]
    candidates = [owner for owner in whose if owner in owners] or ([only] if owners == {only} else [])
    return next(((o, way) for o in candidates for way in ways if (o, way) in known), None)


def _assign_in_order(layer: Any, arrays: Sequence[Array]) -> None:
    """As Keras lists them: those that learn, then the others."""
    variables = [*layer.trainable_weights, *layer.non_trainable_weights]
    if len(variables) != len(arrays):
        raise ModelError(
            f"Its layer {layer.name!r} takes {len(variables)} arrays of weights, and {len(arrays)} came. "
            f"{_AGAIN}"
        )
    for variable, (_, array) in zip(variables, arrays, strict=True):
        _set(variable, array, layer)


def _set(variable: Any, array: np.ndarray, layer: Any) -> None:
    if tuple(variable.shape) != array.shape:
        raise ModelError(
            f"Its layer {layer.name!r} takes weights of shape {tuple(variable.shape)}, and {array.shape} "
            f"came. {_AGAIN}"
        )
    variable.assign(array)


def _names(group: h5py.Group, attribute: str) -> list[str]:
    """Names that Keras keeps in an attribute, or in several numbered ones where they are many."""
    found = group.attrs.get(attribute)
    if found is None:
        parts = (group.attrs.get(f"{attribute}{i}") for i in range(_MOST_CHUNKS))
        found = []
        for part in parts:
            if part is None:
                break
            found.extend(part)
    return [name.decode() if isinstance(name, bytes) else str(name) for name in found]
