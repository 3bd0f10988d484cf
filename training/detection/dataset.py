"""The pictures that a detector learns from and is chosen by, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import RecordError
from core.images import read_image
from core.labels import LabelSet
from core.results import Box
from training.data import Manifest, place
from training.detection.pictures import square
from training.detection.rows import FACE, IGNORED, ROW, Taught, row
from training.detection.scenes import LEARNED, Scene, key, read_scenes, single_faces, tell_apart
from training.detection.teach import Lesson, read_lessons
from training.recipes import DetectionRecipe

MOST_FACES = 100  # rows of a square; few crowds have more, and then the smallest are left out


@dataclass(frozen=True, slots=True)
class Scenes:
    """What is learned from, what is chosen by, and single faces to paste; `groups` of them all."""

    training: tuple[Taught, ...]
    validation: tuple[Taught, ...]
    faces: tuple[Taught, ...]
    groups: frozenset[str]


def load_scenes(
    recipe: DetectionRecipe,
    manifest: Manifest,
    *,
    taught: Path | None = None,
    faces: Path | None = None,
    most_faces: int = 8000,
    limit: int | None = None,
) -> Scenes:
    """Everything but the test part. `taught` is a file of `training.detection.teach`.

    Pictures of split "validation" validate where there are any, else a share of the groups. Raises
    `MaskwiseError`.
    """
    lessons = read_lessons(taught) if taught else {}
    scenes = read_scenes(manifest, LEARNED)[:limit]
    singles = single_faces(faces, most_faces)[:limit]
    if lessons:
        tell_apart([*(scene.path for scene in scenes), *(face.path for face in singles)])
    named = any(scene.split == "validation" for scene in scenes)
    training: list[Taught] = []
    validation: list[Taught] = []
    for scene in scenes:
        validates = scene.split == "validation" if named else place(scene.group) < recipe.validation_share
        part = validation if validates else training
        part.append(_taught(scene, lessons.get(key(scene.path), ()), recipe.labels))
    if not training or not validation:
        raise RecordError(
            f"{len(scenes)} pictures are too few to learn from some and choose by others. Give more."
        )
    pasted, groups = [], {scene.group for scene in scenes}
    for face in singles:
        for lesson in lessons.get(key(face.path), ())[:1]:
            known = row(lesson.box, FACE, _unit(face.label, recipe.labels), lesson.landmarks)[None]
            pasted.append(Taught(read_image(face.path).rgb, known, face.source))
            groups.add(face.group)
    return Scenes(tuple(training), tuple(validation), tuple(pasted), frozenset(groups))


def _taught(scene: Scene, lessons: Sequence[Lesson], labels: LabelSet) -> Taught:
    points = {_rounded(lesson.box): lesson.landmarks for lesson in lessons if lesson.kind == "points"}
    rows = [
        row(box, FACE, _unit(label, labels), points.get(_rounded(box)))
        for box, label in zip(scene.boxes, scene.labels, strict=True)
    ]
    for lesson in lessons:
        if lesson.kind == "face":
            rows.append(row(lesson.box, FACE, -1, lesson.landmarks))
        elif lesson.kind == "ignored":
            rows.append(row(lesson.box, IGNORED))
    return Taught(read_image(scene.path).rgb, np.stack(rows), scene.source)


def _rounded(box: Box) -> tuple[float, ...]:
    """As boxes are written in a file of lessons."""
    return tuple(round(float(v), 2) for v in box)


def _unit(label: str, labels: LabelSet) -> int:
    """Where a label stands in the recipe's; -1 where it is none of them."""
    return labels.labels.index(label) if label in labels.labels else -1


class Squares:
    """Batches of (B, size, size, 3) uint8 squares and (B, `MOST_FACES`, `ROW`) rows.

    They follow from seed, epoch and place alone, whatever was drawn before and by which thread.
    """

    def __init__(self, recipe: DetectionRecipe, scenes: Sequence[Taught], faces: Sequence[Taught]) -> None:
        self._recipe, self._scenes, self._faces = recipe, scenes, faces
        self._odds = odds_of(scenes)

    def __len__(self) -> int:
        """Batches of an epoch."""
        return -(-self._recipe.pictures_per_epoch // self._recipe.batch)

    def batch(self, epoch: int, index: int) -> tuple[np.ndarray, np.ndarray]:
        pictures, rows = [], np.zeros((self._recipe.batch, MOST_FACES, ROW), np.float32)
        for place_in_batch in range(self._recipe.batch):
            rng = np.random.default_rng((self._recipe.seed, epoch, index, place_in_batch))
            picture, known = square(self._scenes, self._odds, self._faces, self._recipe, rng)
            pictures.append(picture)
            largest = np.argsort(-(known[:, 3] - known[:, 1]))[:MOST_FACES]
            rows[place_in_batch, : len(largest)] = known[largest]
        return np.stack(pictures), rows


def odds_of(scenes: Sequence[Taught]) -> np.ndarray:
    """(N,) so that a source weighs by the root of its pictures, and a picture by the root of its faces."""
    sizes = Counter(scene.source for scene in scenes)
    weights = np.array([sizes[s.source] ** -0.5 * len(s.rows) ** 0.5 for s in scenes])
    return np.asarray(weights / sum(weights))
