"""Batches of augmented faces: balanced by label and source, the same for the same seed and epoch."""

from __future__ import annotations

from collections import Counter
from typing import Any

import keras
import numpy as np

from training.augment import augment
from training.recipe import Recipe


class Batches(keras.utils.PyDataset):
    """(batch, size, size, 3) uint8 and one-hot labels for `Model.fit`.

    `crops` (N, S, S, 3) and `drawn` (M, S, S, 3) stay as they were loaded; each draw is augmented anew.
    """

    def __init__(
        self,
        recipe: Recipe,
        crops: np.ndarray,
        labels: np.ndarray,
        sources: list[str],
        drawn: np.ndarray,
        drawn_labels: np.ndarray,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._recipe = recipe
        self._pictures = (crops, drawn)
        self._epoch = 0
        sizes = Counter(sources)
        weight = np.array([sizes[source] ** -0.5 for source in sources])
        shares = np.array([recipe.label_share.get(label, 1 / len(recipe.labels)) for label in recipe.labels])
        # One probability a picture: label's share x real or drawn x weight of its source.
        odds = []
        for which, of_label in enumerate((labels, drawn_labels)):
            p = np.zeros(len(of_label))
            for unit, label in enumerate(recipe.labels):
                members = np.flatnonzero(of_label == unit)
                drawn_part = recipe.drawn_share.get(label, 0.0) if (drawn_labels == unit).any() else 0.0
                w = weight[members] if which == 0 else np.ones(len(members))
                part = shares[unit] * (drawn_part if which else 1 - drawn_part)
                p[members] = part * w / w.sum() if len(members) else 0
            odds.append(p)
        self._odds = np.concatenate(odds) / sum(p.sum() for p in odds)
        self._labels = np.eye(len(recipe.labels), dtype=np.float32)[np.concatenate([labels, drawn_labels])]
        self._first_drawn = len(labels)
        self._draw()

    def _draw(self) -> None:
        rng = np.random.default_rng((self._recipe.seed, self._epoch))
        n = self._recipe.pictures_per_epoch
        self._chosen = rng.choice(len(self._odds), n, p=self._odds)
        self._seeds = rng.integers(0, 2**32, n)

    def on_epoch_end(self) -> None:
        """Called by Keras: the next epoch draws other pictures."""
        self._epoch += 1
        self._draw()

    def __len__(self) -> int:
        return -(-self._recipe.pictures_per_epoch // self._recipe.batch)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = slice(index * self._recipe.batch, (index + 1) * self._recipe.batch)
        chosen = self._chosen[rows]
        pictures = [
            augment(self._picture(i), self._recipe.size, np.random.default_rng(seed))
            for i, seed in zip(chosen, self._seeds[rows], strict=True)
        ]
        return np.stack(pictures), self._labels[chosen]

    def _picture(self, i: int) -> np.ndarray:
        crops, drawn = self._pictures
        picture: np.ndarray = crops[i] if i < self._first_drawn else drawn[i - self._first_drawn]
        return picture
