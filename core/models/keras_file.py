"""A network in a Keras file, which is untrusted: hostile until shown otherwise.

Its architecture is read as plain JSON first, since Keras's safe mode has not always kept code in a file from
running; and it may not be larger than the weights that come with it, since Keras makes them before it reads.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py

from core.errors import ModelError
from core.files import open_regular_file, read_at_most
from core.models.keras_config import MAX_CONFIG_BYTES, MAX_NUMBERS, check_config, dictionaries
from core.text import printable

if TYPE_CHECKING:
    import keras

MAX_FILE_BYTES = 512 * 2**20  # exporting one of 755 MB, a ConvNeXtLarge, takes more than 20 GB of memory
_MAX_OBJECTS = 50_000  # groups and arrays of an HDF5 file; a ResNet152 with its optimizer has some 6,000
_MAX_GROWTH = 20  # times its size a file may unpack to
_ROOM = 2**20  # bytes that a small file may unpack to all the same
_FILTERS = (h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32)
_ANY_SIDE = 64  # pixels, where a network takes any
_CONFIG, _WEIGHTS, _ABOUT = "config.json", "model.weights.h5", "metadata.json"
_MAX_MEMBERS = 16
_DIRECTORY_ENTRY = b"PK\x01\x02"  # in front of each member in a zip's directory
_COUNTING = "Counting"


def load_keras(
    content: bytes, changed: Callable[[dict[str, Any]], dict[str, Any]] | None = None
) -> keras.Model:
    """The network of a .keras file, which runs no code that the file holds.

    `changed` makes another architecture of the file's, before it is checked. Raises `ModelError`, and
    exceptions of many kinds from zipfile, json, h5py and Keras for a broken file.
    """
    if len(content) > MAX_FILE_BYTES:
        raise ModelError(f"It is more than the {MAX_FILE_BYTES:,} bytes allowed.")
    members = _members(content)
    config = json.loads(members[_CONFIG])
    if not isinstance(config, dict):
        raise ModelError("Its config.json holds no network.")
    config.pop("compile_config", None)  # is not read, as nothing is compiled
    config = changed(config) if changed else config
    check_config(config)
    with h5py.File(io.BytesIO(members[_WEIGHTS]), "r") as weights:
        most = check_weights(weights, len(content))
    with tempfile.TemporaryDirectory() as folder:  # what was checked is what is loaded
        path = Path(folder, "network.keras")
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(_CONFIG, json.dumps(with_counted_weights(config)))
            for name in (_ABOUT, _WEIGHTS):
                archive.writestr(name, members[name])
        return bounded(partial(_load, path), most)


def _load(path: Path, known: dict[str, Any]) -> keras.Model:
    import keras

    return keras.saving.load_model(path, custom_objects=known, compile=False, safe_mode=True)


def read_keras(
    path: Path,
    load: Callable[[bytes], keras.Model] = load_keras,
    *,
    max_bytes: int = MAX_FILE_BYTES,
) -> keras.Model:
    """What `load` makes of a file. Raises `ModelError` alone, which names the file."""
    import keras

    try:
        with open_regular_file(path) as file:
            content = read_at_most(file, max_bytes)
    except OSError as problem:
        raise ModelError(f"{path}: cannot be read ({problem.strerror}). Check the path.") from None
    if content is None:
        raise ModelError(
            f"{path}: is more than the {max_bytes / 2**20:.0f} MB allowed. "
            "Save the model without its optimizer: model.save(path, include_optimizer=False)."
        )
    try:
        return load(content)
    except ModelError as problem:
        raise ModelError(f"{path}: {problem}") from None
    except Exception as problem:  # zipfile, json, h5py and Keras raise many kinds for broken files
        raise ModelError(
            f"{path}: Keras {keras.__version__} cannot load it: {printable(str(problem), 500)}. "
            "Open it where it was trained, and save it again as .h5."
        ) from None


def check_weights(file: h5py.File, stored: int) -> int:
    """How many numbers the arrays in `file` have, which has `stored` bytes. Raises `ModelError`.

    Links, external storage and virtual arrays would read other files of this machine.
    """
    seen: set[int] = set()
    waiting: list[h5py.Group] = [file]
    numbers = size = 0
    while waiting:
        group = waiting.pop()
        for name in group:
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise ModelError(f"It has an {type(link).__name__}, which could lead to any file.")
            found = group[name]
            address = h5py.h5o.get_info(found.id).addr
            if address in seen:
                continue
            seen.add(address)
            if len(seen) > _MAX_OBJECTS:
                raise ModelError(f"It has more than {_MAX_OBJECTS:,} parts.")
            if isinstance(found, h5py.Group):
                waiting.append(found)
                continue
            _check_array(found)
            numbers += found.size
            size += found.size * found.dtype.itemsize
            if size > max(_MAX_GROWTH * stored, _ROOM):
                raise ModelError("Its weights unpack to many times the size of the file.")
    return numbers


def _check_array(found: Any) -> None:
    if not isinstance(found, h5py.Dataset) or found.dtype.kind not in "fiub":
        raise ModelError("It holds what are no numbers among its weights.")
    if found.is_virtual or found.external:
        raise ModelError("It keeps weights in another file, which is not read.")
    filters = found.id.get_create_plist()
    if any(filters.get_filter(i)[0] not in _FILTERS for i in range(filters.get_nfilters())):
        raise ModelError("Its weights are packed in a way that is not read.")


def with_counted_weights(config: dict[str, Any]) -> dict[str, Any]:
    """The same architecture, whose weights are counted while `bounded` makes them."""
    config = json.loads(json.dumps(config))
    for part in list(dictionaries(config)):
        for field, said in part.items():
            if field.endswith("_initializer") and said is not None:
                part[field] = {
                    "module": None,
                    "class_name": _COUNTING,
                    "config": {"instead_of": said},
                    "registered_name": _COUNTING,
                }
    return config


def bounded(make: Callable[[dict[str, Any]], keras.Model], most: int) -> keras.Model:
    """The network that `make` makes of an architecture `with_counted_weights`, of at most `most` numbers.

    `make` is given the custom objects for Keras. Raises `ModelError` when the network is larger than its
    weights, or its layers than any memory.
    """
    import keras

    class Counting:
        """Zeros in place of a random start, which the file's weights overwrite."""

        left = most

        def __init__(self, instead_of: Any) -> None:
            self.instead_of = instead_of

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Counting:
            return cls(**config)

        def __call__(self, shape: tuple[int, ...], dtype: Any = None, **_: Any) -> Any:
            Counting.left -= prod(shape)
            if Counting.left < 0:
                raise ModelError("Its layers have more weights than come with it.")
            return keras.ops.zeros(shape, dtype)

    model = make({_COUNTING: Counting})
    for operation in _operations(model):
        _check_output(operation)
        for field, value in list(vars(operation).items()):
            if isinstance(value, Counting):
                setattr(operation, field, keras.initializers.get(value.instead_of))
    return model


def _operations(model: Any) -> Iterator[Any]:
    """Layers, those of networks within it, and operations that are no layers."""
    for one in getattr(model, "operations", model.layers):
        yield one
        if hasattr(one, "layers"):
            yield from _operations(one)


def _check_output(layer: Any) -> None:
    import keras

    try:
        outputs = keras.tree.flatten(layer.output)
    except (AttributeError, ValueError):  # it was not called, or is called in several places
        return
    for output in outputs:
        if prod(_ANY_SIDE if side is None else side for side in output.shape[1:]) > MAX_NUMBERS:
            raise ModelError(f"Its layer {layer.name!r} answers more numbers than fit into the memory.")


def _members(content: bytes) -> dict[str, bytes]:
    """What the zip holds, by name: those three that Keras writes for layers without files of their own."""
    if content.count(_DIRECTORY_ENTRY) > _MAX_MEMBERS:
        raise ModelError("It is a zip of too many files.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = archive.infolist()
        if sorted(info.filename for info in found) != sorted((_CONFIG, _WEIGHTS, _ABOUT)):
            raise ModelError(f"It is not a zip of {_CONFIG}, {_ABOUT} and {_WEIGHTS} alone.")
        if sum(info.file_size for info in found) > max(_MAX_GROWTH * len(content), _ROOM):
            raise ModelError("It unpacks to many times its size.")
        if max(info.file_size for info in found if info.filename != _WEIGHTS) > MAX_CONFIG_BYTES:
            raise ModelError(f"Its {_CONFIG} is too large to be one.")
        return {info.filename: archive.read(info) for info in found}
