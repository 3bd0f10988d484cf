import threading

import numpy as np
import pytest

from training.detection.cameras import as_another_camera


@pytest.fixture(scope="module")
def picture():
    """A bright disc a little off the middle of a dark square."""
    y, x = np.mgrid[0:96, 0:96]
    disc = np.where((x - 40) ** 2 + (y - 52) ** 2 < 400, 190, 60)
    return np.repeat(disc[..., None], 3, axis=2).astype(np.uint8)


def test_what_a_camera_does_follows_from_the_seed_in_any_thread(picture):
    here = [as_another_camera(picture, np.random.default_rng(seed)) for seed in range(40)]
    there = {}

    def draw():
        for seed in reversed(range(40)):
            there[seed] = as_another_camera(picture, np.random.default_rng(seed))

    thread = threading.Thread(target=draw)
    thread.start()
    thread.join()
    assert all((here[seed] == there[seed]).all() for seed in range(40))


def test_chance_goes_on_the_same_after_noise(picture):
    """Whether there is noise takes nothing from what is drawn next."""
    for seed in range(20):
        one, other = np.random.default_rng(seed), np.random.default_rng(seed)
        as_another_camera(picture, one)
        other.spawn(3)
        as_another_camera(picture, other)
        assert one.random() == other.random()


def test_cameras_differ_in_light_but_nothing_moves(picture):
    before = picture.copy()
    y, x = np.mgrid[0:96, 0:96]
    levels = []
    for seed in range(60):
        other = as_another_camera(picture, np.random.default_rng(seed))
        assert other.shape == picture.shape and other.dtype == np.uint8
        grey = other.mean(axis=2)
        levels.append(grey.mean())
        disc = grey > (grey[52, 40] + grey[5, 5]) / 2
        assert abs(x[disc].mean() - 40) < 0.7 and abs(y[disc].mean() - 52) < 0.7
    assert np.ptp(levels) > 60
    assert (picture == before).all()
