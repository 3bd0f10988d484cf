"""The file of a network that was trained elsewhere, opened and known by its kind before anything reads it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import ModelError, RecordError
from core.files import open_regular_file, read_at_most
from core.models import MAX_FILE_BYTES
from core.records import PLAIN_NAME
from core.text import printable
from training.exporting.file_kinds import Kind, kind_of, refuse_folder, unpacked

_WRITTEN_BY: dict[Kind, str] = {"hdf5": "Keras", "keras": "Keras", "onnx": "ONNX", "tflite": "TFLite"}


@dataclass(frozen=True, slots=True)
class NetworkFile:
    """What a file holds: a network of some kind, and what a zip with it says that its outputs mean."""

    path: Path
    kind: Kind
    content: bytes
    labels: tuple[str, ...] = ()

    @property
    def architecture(self) -> str:
        """What a card says of the network."""
        return f"{_WRITTEN_BY[self.kind]} network of {printable(self.path.name, 200)}"


def open_network(path: Path) -> NetworkFile:
    """Raises `ModelError` that names the path, says what it is if not a network, and what to do about it."""
    try:
        if path.is_dir():
            refuse_folder(path)
            raise ModelError("is a folder of no network that is read. Give the network's file.")
        with open_regular_file(path) as file:
            content = read_at_most(file, MAX_FILE_BYTES)
        if content is None:
            raise ModelError(
                f"is more than the {MAX_FILE_BYTES / 2**20:.0f} MB allowed. "
                "Save the model without its optimizer: model.save(path, include_optimizer=False)."
            )
        network, labels = unpacked(content)
        return NetworkFile(path, kind_of(network), network, labels)
    except OSError as problem:
        raise ModelError(f"{path}: cannot be read ({problem.strerror}). Check the path.") from None
    except ModelError as problem:
        raise ModelError(f"{path}: {problem}") from None


def checked_name(name: str) -> str:
    """Raises `RecordError` for what cannot be a model's folder."""
    if not re.fullmatch(PLAIN_NAME, name):
        raise RecordError(
            f"{name!r} is no name for a model: take letters, digits, dots, dashes, underscores."
        )
    return name
