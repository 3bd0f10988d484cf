"""Batches of augmented faces, the same for the same seed and epoch."""

from __future__ import annotations

from collections import Counter
from typing import Any

import keras
import numpy as np

from training.data import Faces
from training.fitting.augment import augment_face
from training.recipes import Recipe


class Batches(keras.utils.PyDataset):
    """(batch, size, size, 3) uint8 and targets for `Model.fit`, from epoch `epoch` on.

    The targets (batch, C) float32 are 1 for each class that a face may be: one, where its subtype is known.

    The faces stay as they were loaded; each draw is augmented anew.
    """

    def __init__(self, recipe: Recipe, faces: Faces, *, epoch: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self._recipe, self._faces, self._epoch = recipe, faces, epoch
        self._pictures = recipe.pictures_per_epoch or len(faces.class_indices)
        self._odds = _odds(recipe, faces) if recipe.sampling == "balanced" else None
        self._targets = recipe.class_set.annotation_table().astype(np.float32)[faces.class_indices]
        self._draw()

    def _draw(self) -> None:
        rng = np.random.default_rng((self._recipe.seed, self._epoch))
        n = self._pictures
        if self._odds is not None:
            self._chosen = rng.choice(len(self._odds), n, p=self._odds)
        else:  # more pictures than there are: once more from the start, in another order
            size = len(self._faces.class_indices)
            self._chosen = np.concatenate([rng.permutation(size) for _ in range(-(-n // size))])[:n]
        self._seeds = rng.integers(0, 2**32, n)

    def on_epoch_end(self) -> None:
        """Called by Keras: the next epoch draws other pictures."""
        self._epoch += 1
        self._draw()

    def __len__(self) -> int:
        return -(-self._pictures // self._recipe.batch)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = slice(index * self._recipe.batch, (index + 1) * self._recipe.batch)
        chosen = self._chosen[rows]
        pictures = [self._picture(i, seed) for i, seed in zip(chosen, self._seeds[rows], strict=True)]
        return np.stack(pictures), self._targets[chosen]

    def _picture(self, chosen: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        crops, recipe = self._faces.crops, self._recipe
        other = crops[rng.integers(len(crops))]
        return augment_face(crops[chosen], recipe.size, rng, recipe.augmentation, other)


def _odds(recipe: Recipe, faces: Faces) -> np.ndarray:
    """(N,) probability of each picture: its label's share x real or synthetic x its source's and subtype's
    weights.
    """
    classes = recipe.class_set
    sizes = Counter(faces.sources)
    weights = np.array([sizes[source] ** -0.5 for source in faces.sources])
    if classes.subtypes:
        weights *= np.bincount(faces.class_indices)[faces.class_indices] ** -0.5
    groups = classes.annotation_groups()[faces.class_indices]
    odds = np.zeros(len(faces.class_indices))
    for index, label in enumerate(classes.groups):
        share = recipe.label_share.get(label, 1 / len(classes.groups))
        mine = groups == index
        synthetic_part = recipe.synthetic_share.get(label, 0.0) if (mine & faces.synthetic).any() else 0.0
        for members, part in (
            (mine & ~faces.synthetic, 1 - synthetic_part),
            (mine & faces.synthetic, synthetic_part),
        ):
            if members.any():
                odds[members] = share * part * weights[members] / weights[members].sum()
    return np.asarray(odds / odds.sum())


def class_weights(recipe: Recipe, faces: Faces) -> dict[int, float] | None:
    """What an error counts by label, so that rare and common labels weigh the same (King and Zeng 2001)."""
    if not recipe.class_weights:
        return None
    classes = recipe.class_set
    counts = np.bincount(classes.annotation_groups()[faces.class_indices], minlength=len(classes.groups))
    share = counts.sum() / len(counts)
    by_group = [float(share / n) if n else 0.0 for n in counts.tolist()]
    return dict(enumerate(by_group[group] for group in classes.group_table().argmax(axis=1).tolist()))
