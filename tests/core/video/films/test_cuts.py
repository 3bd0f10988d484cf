"""A cut is told from a pan, a fade and a flash."""

import numpy as np

from core.video.films.cuts import with_cuts

A, B = (
    np.kron(np.random.default_rng(seed).integers(0, 256, (3, 4), np.uint8), np.ones((9, 12), np.uint8))
    for seed in (0, 1)
)


def cuts(*copies):
    return [number for number, is_cut in with_cuts((i, copy) for i, copy in enumerate(copies)) if is_cut]


def test_another_scene_is_a_cut():
    assert cuts(A, A, A, B, B, B) == [3]
    assert cuts(A, A, B, B, B, A, A) == [2, 5]


def test_a_pan_is_none():
    assert cuts(A, A, *(np.roll(A, 2 * i, axis=1) for i in range(12))) == []


def test_a_fade_is_none():
    assert cuts(*(A * (1 - s) + B * s for s in np.linspace(0, 1, 12))) == []


def test_a_flash_is_none():
    assert cuts(A, A, np.full_like(A, 255), A, A) == []


def test_every_picture_comes_once_and_in_order():
    for count in range(4):
        assert [i for i, _ in with_cuts((i, A) for i in range(count))] == list(range(count))
