"""Weights beside their card: read whole, checked against their hash, bounded in size."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Protocol

from pydantic import Field

from core.errors import ModelError
from core.files import open_regular_file, read_at_most
from core.records import PlainName, Record

MAX_WEIGHTS_BYTES = 2**29  # the largest here, of a ResNet50, are a fifth


class Weights(Record):
    """A weights file beside the card. A plain name: it cannot point out of the card's folder."""

    file: PlainName
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class WeightsCard(Protocol):
    """What any card says of its weights. `input_size`: pixels of the square input, None for any size."""

    @property
    def name(self) -> str: ...

    @property
    def weights(self) -> Mapping[Literal["onnx", "keras"], Weights]: ...

    @property
    def input_size(self) -> int | None: ...


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file of any size, read in parts. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_weights(folder: Path, card: WeightsCard, engine: Literal["onnx", "keras"]) -> bytes:
    """The weights for an engine, as their sha256 says they are. Raises `ModelError`."""
    if engine not in card.weights:
        raise ModelError(
            f"Model {card.name!r} has no weights for {engine}. Export it: python -m training.export."
        )
    weights = card.weights[engine]
    path = folder / weights.file
    try:
        with open_regular_file(path, inside=folder) as file:
            content = read_at_most(file, MAX_WEIGHTS_BYTES)
    except FileNotFoundError:
        raise ModelError(
            f"{path} is missing. Restore it from the repository: git checkout -- {folder.name}."
        ) from None
    except OSError as problem:
        raise ModelError(
            f"{path}: cannot be read ({problem.strerror}). Put the weights themselves there."
        ) from None
    if content is None:
        raise ModelError(f"{path} is more than the {MAX_WEIGHTS_BYTES:,} bytes allowed. It is not read.")
    if hashlib.sha256(content).hexdigest() != weights.sha256:
        raise ModelError(
            f"{path} is not the file that its card names (sha256 differs), so it is not loaded. "
            "Restore it, or train the model again."
        )
    return content
