import cv2
import numpy as np
import pytest
from skimage import data

from training.data.near_duplicates import fingerprints, group, have_near_duplicate, near_duplicate_groups

ASTRONAUT = data.astronaut()
FACE, ROCKET = ASTRONAUT[20:200, 130:310], ASTRONAUT[150:430, 300:512]


def jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    _, stored = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return cv2.imdecode(stored, cv2.IMREAD_COLOR)


def half(picture: np.ndarray) -> np.ndarray:
    return cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize(
    "changed",
    [
        lambda p: p.copy(),
        lambda p: p[:, ::-1],
        lambda p: jpeg(p, 30),
        half,
        lambda p: jpeg(half(p[:, ::-1]), 50),
        lambda p: np.clip(p * 1.2 + 10, 0, 255).astype(np.uint8),
        lambda p: np.repeat(p.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8),
    ],
    ids=["same", "mirrored", "jpeg", "half", "all three", "lighter", "grey"],
)
def test_the_same_photo_is_a_near_duplicate_however_it_was_saved(changed):
    one, other, again = near_duplicate_groups([FACE, ROCKET, changed(FACE)])
    assert one == again != other


def test_near_duplicates_of_near_duplicates_are_one_group():
    steps = [FACE, jpeg(FACE, 40), jpeg(half(FACE), 40)[:, ::-1]]
    assert len(set(near_duplicate_groups(steps))) == 1


def test_other_pictures_are_no_near_duplicates():
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 256, (64, 64, 3), np.uint8) for _ in range(200)]
    assert len(set(near_duplicate_groups([FACE, ROCKET, ASTRONAUT, *noise]))) == 203


def test_flat_pictures_are_near_duplicates_only_when_they_are_the_same():
    grey, white, again = (np.full((40, 40, 3), v, np.uint8) for v in (128, 255, 255))
    groups = near_duplicate_groups([grey, white, again, np.full((20, 20, 3), 255, np.uint8)])
    assert groups[1] == groups[2] and len(set(groups)) == 3


def test_pictures_with_a_near_duplicate_elsewhere_are_told():
    prints, others = fingerprints([FACE, ROCKET]), fingerprints([FACE[:, ::-1]])
    assert have_near_duplicate(prints, others).tolist() == [True, False]
    assert not have_near_duplicate(prints, others[:0]).any()


def test_there_may_be_nothing_to_group():
    assert near_duplicate_groups([]) == [] and len(group(fingerprints([]))) == 0


def test_pictures_far_apart_in_a_long_list_are_compared_too():
    rng = np.random.default_rng(0)
    noise = [
        rng.integers(0, 256, (32, 32, 3), np.uint8) for _ in range(600)
    ]  # more than are compared at once
    groups = near_duplicate_groups([FACE, *noise, FACE[:, ::-1]])
    assert groups[0] == groups[-1] and len(set(groups)) == 601
