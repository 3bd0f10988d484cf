"""What a file trained elsewhere is, by its first bytes: suffixes say little in this field."""

from __future__ import annotations

import io
import re
import shlex
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from core.errors import ModelError
from core.models import MAX_FILE_BYTES
from core.text import printable

Kind = Literal["hdf5", "keras", "onnx", "tflite"]
LABELS_FILE = "labels.txt"
_MAX_MEMBERS, _MAX_SMALL = 32, 16_384  # bytes of what is text
_DIRECTORY_ENTRY = b"PK\x01\x02"  # in front of each member in a zip's directory
_USUAL = "Give a Keras file (.h5, .keras), an ONNX or TFLite file, or a zip of Teachable Machine."
_PICKLE = (
    "is a pickle, as PyTorch, joblib and scikit-learn write: reading it would run whatever code it holds. "
    "Write the network as ONNX where it was trained, in PyTorch by torch.onnx.export(model, "
    "torch.zeros(1, 3, SIDE, SIDE), 'network.onnx', dynamic_axes={'input': {0: 'batch'}}, "
    "input_names=['input'])."
)
SAVED_MODEL = (
    "is a SavedModel of TensorFlow, a program that may read and write any file, so it is not loaded. If you "
    "trust whoever made it, write it as ONNX and give that: python -m tf2onnx.convert --saved-model {folder} "
    "--output {name}.onnx"
)
_TENSORFLOW_JS = (
    "is a network of TensorFlow.js. Where there is pip install tensorflowjs, make a Keras file of it: "
    "tensorflowjs_converter --input_format=tfjs_layers_model --output_format=keras model.json network.h5"
)

# What begins so, and why it is not read
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (
        b"version https://git-lfs",
        "is a pointer of Git LFS, not the network itself. Fetch it in its repository: git lfs pull.",
    ),
    (rb"\s*<(!DOCTYPE|html|\?xml)", "is a web page, not a network. Download the file itself."),
    (rb"\x80[\x02-\x05]", _PICKLE),
    (
        b"\x0a.{1,5}\x0a",
        "looks like a frozen graph of TensorFlow 1. Write it as ONNX and give that: python -m "
        "tf2onnx.convert --graphdef FILE --inputs NAME:0 --outputs NAME:0 --output network.onnx",
    ),
    (rb"\s*\{", _TENSORFLOW_JS),
)


def kind_of(content: bytes) -> Kind:
    """Raises `ModelError`: what else it is, and what to do about it."""
    if not content:
        raise ModelError("is empty. Copy or download it again.")
    if b"\x89HDF\r\n\x1a\n" in (content[at : at + 8] for at in (0, 512, 1024, 2048)):
        return "hdf5"
    if content[4:8] == b"TFL3":
        return "tflite"
    if content[:2] == b"\x08\x01":
        raise ModelError(SAVED_MODEL.format(folder="FOLDER", name="network"))
    if re.match(rb"\x08[\x02-\x3f]", content):  # the first field of ONNX: its version
        return "onnx"
    if content.startswith(b"PK\x03\x04"):
        return "keras"
    for begins, why in _REFUSED:
        if re.match(begins, content[:512], re.DOTALL | re.IGNORECASE):
            raise ModelError(why)
    raise ModelError(f"is not a Keras file, nor any other network that is read. {_USUAL}")


def refuse_folder(folder: Path) -> None:
    """Raises `ModelError` for a network that is a folder: what it is, and what to do about it."""
    if (folder / "saved_model.pb").exists():
        name = re.sub(r"\W+", "-", folder.resolve().name).strip("-") or "network"
        raise ModelError(SAVED_MODEL.format(folder=shlex.quote(str(folder)), name=name))
    if (folder / "model.json").exists():
        raise ModelError(_TENSORFLOW_JS)


def unpacked(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The network in a zip as Teachable Machine writes it, and the names in its labels.txt.

    What is no such zip is given back as it is, without names. Raises `ModelError`.
    """
    if not content.startswith(b"PK\x03\x04"):
        return content, ()
    if content.count(_DIRECTORY_ENTRY) > _MAX_MEMBERS:
        raise ModelError(f"is a zip of more than {_MAX_MEMBERS} files. Give the network in it alone.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _unpacked(content, archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as problem:
        raise ModelError(
            f"is a damaged zip ({printable(str(problem), 100)}). Copy or download it again."
        ) from None


def _unpacked(content: bytes, archive: zipfile.ZipFile) -> tuple[bytes, tuple[str, ...]]:
    names = {info.filename: info for info in archive.infolist() if not info.is_dir()}

    def named(matches: Callable[[str], bool]) -> list[zipfile.ZipInfo]:
        return [info for name, info in names.items() if matches(name.rpartition("/")[2].lower())]

    if "config.json" in names and "metadata.json" in names:  # a .keras file
        said = _small(archive, names["metadata.json"])
        if version := re.search(rb'"keras_version": *"([12]\.[0-9.]+)', said):
            raise ModelError(
                f"is a .keras file of Keras {version[1].decode()}, whose weights lie otherwise than in those "
                "of Keras 3. Save it as HDF5 where it was trained: model.save('network.h5')."
            )
        return content, ()
    if named("data.pkl".__eq__):
        raise ModelError(_PICKLE)
    if named("saved_model.pb".__eq__):
        raise ModelError(f"{SAVED_MODEL.format(folder='FOLDER', name='network')} Unpack it first.")
    networks = named(lambda name: name.endswith((".h5", ".hdf5", ".keras", ".tflite", ".onnx")))
    if not networks and named("model.json".__eq__):
        raise ModelError(f"{_TENSORFLOW_JS} Unpack it first.")
    if len(networks) != 1:
        raise ModelError(f"is a zip with {len(networks)} networks in it. Give one of them. {_USUAL}")
    (network,) = networks
    if network.file_size > MAX_FILE_BYTES:
        raise ModelError(f"unpacks to more than the {MAX_FILE_BYTES / 2**20:.0f} MB allowed.")
    found = archive.read(network)
    if found.startswith(b"PK\x03\x04") and not network.filename.endswith(".keras"):
        raise ModelError("is a zip within a zip. Give the one within.")
    labels = named(LABELS_FILE.__eq__)
    return found, _names(_small(archive, labels[0])) if labels else ()


def _small(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member that is short where it is what it is called; of a long one nothing."""
    return archive.read(member) if member.file_size <= _MAX_SMALL else b""


def _names(text: bytes) -> tuple[str, ...]:
    """Teachable Machine writes a line for each output: its number, then its name."""
    lines = text.decode("utf-8-sig", "replace").splitlines()
    return tuple(re.sub(r"^\d+\s+", "", line.strip()) for line in lines if line.strip())
