"""Pictures with boxes around faces, from a manifest: what a detector learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import RecordError
from core.results import Box
from training.manifest import Example, Manifest, read_manifest

LEARNED = ("", "train", "valid")  # every split but the test part


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and its labelled faces: boxes in pixels, and a label each."""

    path: Path
    source: str
    group: str
    boxes: tuple[Box, ...]
    labels: tuple[str, ...]


def read_scenes(manifest: Manifest, splits: Sequence[str]) -> list[Scene]:
    """The pictures of those splits, in the order of the manifest. Raises `RecordError` without any box."""
    of_path: dict[Path, list[int]] = {}
    examples = manifest.of_split(*splits)
    for number, example in enumerate(examples):
        if example.box:
            of_path.setdefault(example.path, []).append(number)
    if not of_path:
        raise RecordError("The data has no boxes to find faces by. Give x1, y1, x2, y2 with each face.")
    scenes = []
    for path, numbers in of_path.items():
        mine = [examples[n] for n in numbers]
        scenes.append(
            Scene(
                path,
                mine[0].source,
                mine[0].group,
                tuple(e.box for e in mine if e.box),
                tuple(e.label for e in mine),
            )
        )
    return scenes


def single_faces(manifest: Path | None, most: int) -> list[Example]:
    """At most so many pictures that are a face each, drawn by chance, sources weighing the same; none of None."""
    if manifest is None:
        return []
    faces = [e for e in read_manifest(manifest).of_split(*LEARNED) if e.box is None]
    rng = np.random.default_rng(0)
    of_source: dict[str, list[Example]] = {}
    for face in faces:
        of_source.setdefault(face.source, []).append(face)
    share = -(-most // max(1, len(of_source)))
    chosen = [mine[i] for mine in of_source.values() for i in rng.permutation(len(mine))[:share]]
    return chosen[:most]


def key(path: Path) -> str:
    """A picture's name in a file of lessons: with its folder, so that the data may lie anywhere."""
    return f"{path.parent.name}/{path.name}"
