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
from training.detection.boxed_images import (
    LEARNED,
    BoxedImage,
    key,
    read_boxed_images,
    single_faces,
    tell_apart,
)
from training.detection.pseudo_labels import PseudoLabel, read_pseudo_labels
from training.detection.rows import FACE, IGNORED, KIND, NOTHING, ROW, AnnotatedImage, no_rows, row
from training.detection.tiles import training_tile
from training.recipes import DetectionRecipe

FACE_FREE = "face_free"  # the source of pictures that have no face
MOST_FACES = 100  # rows of a tile; few crowds have more, and then the smallest are left out
_ROUNDED_TO = (16, 32, 64, MOST_FACES)  # rows of a batch: assigning none costs as much as assigning a face


@dataclass(frozen=True, slots=True)
class DetectionData:
    """What is learned from, what is chosen by, single faces to paste, pictures without a face to learn from.

    Some of those without are chosen by, as source `FACE_FREE`. `groups` of all that have faces.
    """

    training: tuple[AnnotatedImage, ...]
    validation: tuple[AnnotatedImage, ...]
    faces: tuple[AnnotatedImage, ...]
    groups: frozenset[str]
    face_free: tuple[AnnotatedImage, ...] = ()


def load_detection_data(
    recipe: DetectionRecipe,
    manifest: Manifest,
    *,
    pseudo_labels: Path | None = None,
    faces: Manifest | Path | None = None,
    most_faces: int = 20_000,
    face_free: Path | None = None,
    limit: int | None = None,
) -> DetectionData:
    """Everything but the test part. `pseudo_labels` is a file that `training.detection.teach` wrote,
    `face_free` a folder of photos without a face.

    Pictures of split "validation" validate where there are any, else a share of the groups. Raises
    `MaskwiseError`.
    """
    known = read_pseudo_labels(pseudo_labels) if pseudo_labels else {}
    images = read_boxed_images(manifest, LEARNED)[:limit]
    singles = single_faces(faces, most_faces)[:limit]
    if known:
        tell_apart([*(image.path for image in images), *(face.path for face in singles)])
    named = any(image.split == "validation" for image in images)
    training: list[AnnotatedImage] = []
    validation: list[AnnotatedImage] = []
    for image in images:
        validates = image.split == "validation" if named else place(image.group) < recipe.validation_share
        part = validation if validates else training
        part.append(_annotated(image, known.get(key(image.path), ()), recipe.labels))
    if not training or not validation:
        raise RecordError(
            f"{len(images)} pictures are too few to learn from some and choose by others. Give more."
        )
    pasted, groups = [], {image.group for image in images}
    for face in singles:
        for label in known.get(key(face.path), ())[:1]:
            rows = row(label.box, FACE, _class_index(face.label, recipe.labels), label.landmarks)[None]
            pasted.append(AnnotatedImage(read_image(face.path).rgb, rows, face.source))
            groups.add(face.group)
    without: list[AnnotatedImage] = []
    for path in sorted(face_free.iterdir())[:limit] if face_free else []:
        picture = AnnotatedImage(read_image(path).rgb, no_rows(), FACE_FREE)
        (validation if place(path.name) < recipe.validation_share else without).append(picture)
    return DetectionData(tuple(training), tuple(validation), tuple(pasted), frozenset(groups), tuple(without))


def _annotated(image: BoxedImage, pseudo_labels: Sequence[PseudoLabel], labels: LabelSet) -> AnnotatedImage:
    known = {_rounded(pseudo.box): pseudo for pseudo in pseudo_labels if pseudo.kind == "points"}
    rows = []
    for box, label in zip(image.boxes, image.labels, strict=True):
        pseudo = known.get(_rounded(box))
        index = _class_index(label, labels)
        rows.append(row(box, FACE, index, pseudo.landmarks if pseudo else None))
    for pseudo in pseudo_labels:
        if pseudo.kind == "face":
            rows.append(row(pseudo.box, FACE, -1, pseudo.landmarks, pseudo.score))
        elif pseudo.kind == "ignored":
            rows.append(row(pseudo.box, IGNORED))
    return AnnotatedImage(read_image(image.path).rgb, np.stack(rows), image.source)


def _rounded(box: Box) -> tuple[float, ...]:
    """As boxes are written in a file of pseudo-labels."""
    return tuple(round(float(v), 2) for v in box)


def _class_index(label: str, labels: LabelSet) -> int:
    """Where a label stands in the recipe's; -1 where it is none of them."""
    return labels.labels.index(label) if label in labels.labels else -1


class TrainingTiles:
    """Batches of (B, size, size, 3) uint8 tiles and (B, faces, `ROW`) rows, `faces` at most `MOST_FACES`.

    They follow from seed, epoch and place alone, whatever was drawn before and by which thread.
    """

    def __init__(self, recipe: DetectionRecipe, data: DetectionData) -> None:
        self._recipe, self._data = recipe, data
        self._odds = odds_of(data.training)

    def __len__(self) -> int:
        """Batches of an epoch."""
        return -(-self._recipe.pictures_per_epoch // self._recipe.batch)

    def batch(self, epoch: int, index: int) -> tuple[np.ndarray, np.ndarray]:
        pictures, rows = [], np.zeros((self._recipe.batch, MOST_FACES, ROW), np.float32)
        for place_in_batch in range(self._recipe.batch):
            rng = np.random.default_rng((self._recipe.seed, epoch, index, place_in_batch))
            data = self._data
            picture, known = training_tile(
                data.training, self._odds, data.faces, self._recipe, rng, data.face_free
            )
            pictures.append(picture)
            largest = np.argsort(-(known[:, 3] - known[:, 1]))[:MOST_FACES]
            rows[place_in_batch, : len(largest)] = known[largest]
        most = int((rows[..., KIND] != NOTHING).sum(axis=1).max())
        return np.stack(pictures), rows[:, : next(n for n in _ROUNDED_TO if n >= most)]


def odds_of(images: Sequence[AnnotatedImage]) -> np.ndarray:
    """(N,) so that a source weighs by the root of its pictures, and a picture by the root of its faces."""
    sizes = Counter(image.source for image in images)
    weights = np.array([sizes[s.source] ** -0.5 * len(s.rows) ** 0.5 for s in images])
    return np.asarray(weights / sum(weights))
