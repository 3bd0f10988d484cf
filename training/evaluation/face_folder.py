"""The faces of an evaluation as pictures for the dashboard, written while the test part is read: no second
reading. See `core.runs.face_folder`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import RecordError
from core.images import to_jpeg
from core.records import write_json
from core.runs import FACES_FILE, LABEL_CHECK_FILE, Evaluation, Face, FaceIndex, LabelCheck
from training.data import Example, place_of

_QUALITY = 95  # what the network saw, but for what no eye sees


def claim(folder: Path) -> None:
    """Make `folder`, before work is done for it. Raises `RecordError` when it holds anything."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise RecordError(
                f"{folder} is not empty. Give --faces another folder, so that nothing is mixed up."
            )
    except OSError as problem:
        raise _failed(folder, problem) from None


def write_faces(
    folder: Path, root: Path, evaluation: Evaluation, examples: Sequence[Example], crops: np.ndarray
) -> None:
    """Write `crops` (N, H, W, 3) uint8 RGB; `examples` are as in the data, whose pictures are under `root`.

    The index comes last, so a folder that was not written to the end is none. Raises `RecordError`.
    """
    said = {example.label for example in examples}
    names = evaluation.labels.names
    index = FaceIndex(
        schema=1,
        model=evaluation.model,
        weights_sha256=evaluation.weights_sha256,
        manifest_sha256=evaluation.manifest_sha256,
        n=evaluation.n,
        labels=names if said <= set(names) else tuple(sorted(said)),  # finer ones, scored by coarser
        faces=tuple(_face(number, example, root) for number, example in enumerate(examples)),
    )
    _write(folder, index, crops)


def write_suspects(folder: Path, found: LabelCheck, crops: np.ndarray) -> None:
    """The suspects of a label check, `crops` (N, H, W, 3) uint8 RGB. Raises `RecordError`."""
    faces = (
        Face(id=s.id, path=s.path, row=s.row, box=s.box, source=s.source, group="", label=s.label)
        for s in found.suspects
    )
    index = FaceIndex(
        schema=1,
        model=found.run,
        weights_sha256=LABEL_CHECK_FILE,  # of no evaluation: Mistakes does not take these for its own
        manifest_sha256=found.manifest_sha256,
        n=len(found.suspects),
        labels=found.labels,
        faces=tuple(faces),
    )
    _write(folder, index, crops)


def _write(folder: Path, index: FaceIndex, crops: np.ndarray) -> None:
    try:
        for number, crop in enumerate(crops):
            (folder / f"{number}.jpg").write_bytes(to_jpeg(crop, quality=_QUALITY))
        write_json(folder / FACES_FILE, index)
    except OSError as problem:
        raise _failed(folder, problem) from None


def _face(number: int, example: Example, root: Path) -> Face:
    path, row, box = place_of(example, root)
    return Face(
        id=str(number),
        path=path,
        row=row,
        box=box,
        source=example.source,
        group=example.group,
        label=example.label,
    )


def _failed(folder: Path, problem: OSError) -> RecordError:
    return RecordError(f"{folder}: cannot be written ({problem.strerror}). Give --faces another folder.")
