"""Pictures with boxes around faces, from a manifest: what a detector learns from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import RecordError
from core.results import Box
from training.data import Example, Manifest, read_manifest

LEARNED = ("", "train", "validation")  # every split that a manifest has but the test part


@dataclass(frozen=True, slots=True)
class BoxedImage:
    """A picture and its labelled faces: boxes in pixels, and a label each."""

    path: Path
    source: str
    group: str
    boxes: tuple[Box, ...]
    labels: tuple[str, ...]
    split: str = ""


def read_boxed_images(manifest: Manifest, splits: Sequence[str]) -> list[BoxedImage]:
    """The pictures of those splits, in the order of the manifest. Raises `RecordError` without any box."""
    of_path: dict[Path, list[Example]] = {}
    for example in manifest.of_split(*splits):
        if example.box:
            of_path.setdefault(example.path, []).append(example)
    if not of_path:
        raise RecordError("The data has no boxes to find faces by. Give x1, y1, x2, y2 with each face.")
    return [
        BoxedImage(
            path,
            faces[0].source,
            faces[0].group,
            tuple(face.box for face in faces if face.box),
            tuple(face.label for face in faces),
            faces[0].split,
        )
        for path, faces in of_path.items()
    ]


def single_faces(manifest: Manifest | Path | None, most: int) -> list[Example]:
    """At most so many pictures that are a face each, drawn by chance, about as many of each source.

    Fewer asked for are some of those of more. None for a `manifest` of None.
    """
    if manifest is None:
        return []
    if isinstance(manifest, Path):
        manifest = read_manifest(manifest)
    faces = [e for e in manifest.of_split(*LEARNED) if e.box is None]
    rng = np.random.default_rng(0)
    of_source: dict[str, list[Example]] = {}
    for face in faces:
        of_source.setdefault(face.source, []).append(face)
    share = -(-most // max(1, len(of_source)))
    chosen = [mine[i] for mine in of_source.values() for i in rng.permutation(len(mine))[:share]]
    return chosen[:most]


def key(path: Path) -> str:
    """A picture's name in records: with its folder, so that the data may lie anywhere."""
    return f"{path.parent.name}/{path.name}"


def tell_apart(paths: Iterable[Path]) -> None:
    """Raises `RecordError` where two pictures have one key: what is known of one would be said of both."""
    seen: dict[str, Path] = {}
    for path in paths:
        if seen.setdefault(key(path), path) != path:
            raise RecordError(
                f"{path} and {seen[key(path)]} have the same name and the same folder's name. Rename one."
            )
