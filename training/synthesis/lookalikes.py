"""Bare faces with what is easily taken for a mask: collars, scarves, beards, hands. They wear none."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.mask_rendering import draw_lookalike
from core.results import Landmarks
from training.synthesis.synthetic import one_of, shows

SHARES = {
    "turtleneck": 0.24,
    "scarf": 0.2,
    "necklace": 0.1,
    "beard": 0.16,
    "hand_at_mouth": 0.13,
    "hand_over_nose": 0.12,
    "scarf_over_nose": 0.05,  # few: a scarf over the nose is hard to tell from cloth that is a mask
}


def add_lookalikes(
    crops: np.ndarray, landmarks: Sequence[Landmarks | None], seed: int
) -> tuple[np.ndarray, list[str]]:
    """(M, S, S, 3) pictures and what is in each; one for each face with landmarks, if it shows.

    `crops` (N, S, S, 3) uint8 RGB are bare faces. The same for the same seed.
    """

    def draw(i: int) -> tuple[np.ndarray, str] | None:
        points = landmarks[i]
        if points is None:
            return None
        rng = np.random.default_rng((seed, 1, i))
        kind = one_of(SHARES, rng)
        try:
            drawn = draw_lookalike(crops[i], points, kind, rng)
        except ValueError:  # points that describe no face
            return None
        return (drawn, kind) if kind == "necklace" or shows(drawn, crops[i]) else None

    with ThreadPoolExecutor() as pool:
        kept = [one for one in pool.map(draw, range(len(crops))) if one is not None]
    pictures = np.array([picture for picture, _ in kept], np.uint8).reshape(-1, *crops.shape[1:])
    return pictures, [kind for _, kind in kept]
