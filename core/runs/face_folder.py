"""The faces of an evaluation as pictures, on the machine where they were evaluated: no record of a run.

    <id>.jpg     the crop as the network saw it; the id is that of predictions.csv
    faces.json   which evaluation they are of, and where each comes from

`python -m training.evaluate MODEL --data DATA --record --faces FOLDER` writes it. A folder may be
untrusted: nothing outside of it is read, and no more than a bounded part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from core.errors import ImageError, RecordError
from core.images import read_image
from core.records import STOP_EARLY, NonNegativeInt, PlainName, Record, read_bytes, read_record
from core.results import Frame
from core.runs.evaluation import Evaluation
from core.runs.label_fixes import BoxKey, place

FACES_FILE = "faces.json"
MAX_JPEG_BYTES = 4 * 2**20  # a crop of 1,024 pixels of noise has 1 MB
MAX_PIXELS = 2048 * 2048  # networks see 32 to 600 pixels square

Name = Annotated[str, Field(max_length=4096)]
Label = Annotated[str, Field(max_length=100)]
Corner = Annotated[float, Field(ge=-1e6, le=1e6)]


class Face(Record):
    """One face: `path`, and `row` of a packed file or `box` in a photo, are as in the data, so is `label`."""

    id: Annotated[str, Field(pattern="^[0-9]{1,9}$")]
    path: Name
    row: NonNegativeInt | None = None
    box: tuple[Corner, Corner, Corner, Corner] | None = None
    source: Name
    group: Name
    label: Label

    @property
    def place(self) -> BoxKey:
        return place(self.path, self.row, self.box)


class FaceIndex(Record):
    """faces.json. `labels` are those that the data may say, for whoever corrects one."""

    schema_version: Literal[1] = Field(1, alias="schema")
    model: PlainName
    weights_sha256: str
    manifest_sha256: str
    n: NonNegativeInt
    labels: Annotated[tuple[Label, ...], Field(max_length=64)]
    faces: Annotated[tuple[Face, ...], STOP_EARLY]


@dataclass(frozen=True)
class FaceFolder:
    """A folder whose index was read. `folder` is resolved."""

    folder: Path
    index: FaceIndex

    @cached_property
    def faces(self) -> Mapping[str, Face]:
        """By id."""
        return {face.id: face for face in self.index.faces}

    def require(self, evaluation: Evaluation) -> None:
        """Raises `RecordError` when the faces are those of another evaluation."""
        index = self.index
        differs = [
            what
            for what, same in (
                ("another model", index.weights_sha256 == evaluation.weights_sha256),
                ("other data", index.manifest_sha256 == evaluation.manifest_sha256),
                (f"{index.n:,} faces, not {evaluation.n:,}", index.n == evaluation.n),
            )
            if not same
        ]
        if differs:
            raise RecordError(
                f"{self.folder}: holds the faces of another evaluation: of {' and of '.join(differs)}. "
                "Evaluate again with --faces and another folder."
            )

    def picture(self, face_id: str) -> Frame:
        """The crop, (H, W, 3) uint8 RGB. Raises `ImageError`, also for a link that leads out."""
        name = f"{face_id}.jpg"
        if face_id not in self.faces:
            raise ImageError(f"{name}: is not in {FACES_FILE}. Evaluate again with --faces.")
        path = self.folder / name
        try:
            if path.resolve() != path:
                raise ImageError(f"{name}: is a link, which is not followed.")
            return read_image(read_bytes(path, MAX_JPEG_BYTES), name, max_pixels=MAX_PIXELS)
        except (OSError, RuntimeError) as problem:  # RuntimeError: a link to itself
            raise ImageError(f"{name}: cannot be read ({problem}). Evaluate again with --faces.") from None
        except RecordError as problem:
            raise ImageError(str(problem)) from None


def located(text: str) -> Path:
    """The folder that a person means, resolved; "~" is their home. Raises `RecordError`."""
    try:
        folder = Path(text.strip().strip("\"'")).expanduser().resolve()
        is_folder = folder.is_dir()
    except (OSError, RuntimeError, ValueError) as problem:
        raise RecordError(f"{text[:200]}: is not a folder ({problem}). Check the path.") from None
    if not is_folder:
        raise RecordError(f"{folder}: is not a folder. Check the path.")
    return folder


def read_face_folder(folder: Path) -> FaceFolder:
    """Its index; pictures are read one by one. Raises `RecordError`."""
    folder = folder.resolve()
    if (folder / FACES_FILE).is_symlink():
        raise RecordError(f"{folder / FACES_FILE}: is a link, which is not followed.")
    found = FaceFolder(folder, read_record(folder / FACES_FILE, FaceIndex))
    if len(found.faces) != len(found.index.faces) or len(found.faces) != found.index.n:
        raise RecordError(
            f"{folder / FACES_FILE}: names {len(found.faces):,} faces in place of {found.index.n:,}. "
            "Evaluate again with --faces."
        )
    return found
