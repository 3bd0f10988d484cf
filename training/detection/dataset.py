"""The pictures that a detector learns from and is chosen by, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import RecordError
from core.images import read_image
from core.labels import LabelSet
from training.detection.loss import FACE, IGNORED, ROW
from training.detection.pictures import Taught, row, square
from training.detection.recipe import DetectionRecipe
from training.detection.scenes import LEARNED, Scene, key, read_scenes, single_faces
from training.detection.teach import Lesson, read_lessons
from training.manifest import Manifest
from training.partition import place

MOST_FACES = 80  # rows of a square; few crowds have more, and then the smallest are left out


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
    most_faces: int = 4000,
    limit: int | None = None,
) -> Scenes:
    """Everything but the test part. `taught` is a file of `training.detection.teach`. Raises `RecordError`."""
    lessons = read_lessons(taught) if taught else {}
    scenes = read_scenes(manifest, LEARNED)[:limit]
    training: list[Taught] = []
    validation: list[Taught] = []
    for scene in scenes:
        side = validation if place(scene.group) < recipe.validation_share else training
        side.append(_taught(scene, lessons.get(key(scene.path), ()), recipe.labels))
    if not training or not validation:
        raise RecordError(f"{len(scenes)} pictures are too few to learn from some and choose by others.")
    singles, groups = [], {scene.group for scene in scenes}
    for face in single_faces(faces, most_faces)[:limit]:
        for lesson in lessons.get(key(face.path), ())[:1]:
            label = recipe.labels.labels.index(face.label) if face.label in recipe.labels else -1
            known = row(lesson.box, FACE, label, lesson.landmarks)[None]
            singles.append(Taught(read_image(face.path).rgb, known, face.source))
            groups.add(face.group)
    return Scenes(tuple(training), tuple(validation), tuple(singles), frozenset(groups))


def _taught(scene: Scene, lessons: Sequence[Lesson], labels: LabelSet) -> Taught:
    points = {lesson.box: lesson.landmarks for lesson in lessons if lesson.kind == "points"}
    rounded: Mapping[Any, Any] = {tuple(round(v, 2) for v in box): mine for box, mine in points.items()}
    rows = [
        row(
            box,
            FACE,
            labels.labels.index(label) if label in labels.labels else -1,
            rounded.get(tuple(round(float(v), 2) for v in box)),
        )
        for box, label in zip(scene.boxes, scene.labels, strict=True)
    ]
    for lesson in lessons:
        if lesson.kind == "face":
            rows.append(row(lesson.box, FACE, -1, lesson.landmarks))
        elif lesson.kind == "ignored":
            rows.append(row(lesson.box, IGNORED))
    return Taught(read_image(scene.path).rgb, np.stack(rows), scene.source)


class Squares:
    """Batches of (B, size, size, 3) uint8 squares and (B, `MOST_FACES`, `ROW`) rows, the same for seed and epoch."""

    def __init__(self, recipe: DetectionRecipe, scenes: Sequence[Taught], faces: Sequence[Taught]) -> None:
        self._recipe, self._scenes, self._faces = recipe, scenes, faces
        self._odds = _odds(scenes)

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


def _odds(scenes: Sequence[Taught]) -> np.ndarray:
    """(N,) so that a source weighs by the root of its pictures, and a picture by the root of its faces."""
    sizes = Counter(scene.source for scene in scenes)
    weights = [sizes[s.source] ** -0.5 * len(s.rows) ** 0.5 for s in scenes]
    return np.array(weights) / sum(weights)
