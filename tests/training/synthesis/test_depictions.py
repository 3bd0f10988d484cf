import numpy as np
import pytest

from core.mask_rendering import sample_frame
from training.synthesis.cartoon import cartoon_face, smiley
from training.synthesis.depictions import SHARES, add_depictions, cartoon_of_photo, halftone, painting, pencil
from training.synthesis.labels import LABELS

CROP = np.ascontiguousarray(sample_frame("no_mask").rgb[30:190, 140:300])


def rng(seed=0):
    return np.random.default_rng(seed)


def test_every_kind_is_made_and_the_same_for_the_same_seed():
    crops = np.stack([CROP, CROP[:, ::-1]])
    pictures, kinds = add_depictions(crops, 0, 80)
    assert pictures.shape == (80, 160, 160, 3) and pictures.dtype == np.uint8
    assert set(kinds) == set(SHARES) and {LABELS[kind] for kind in kinds} == {"depiction"}
    again, _ = add_depictions(crops, 0, 80)
    other, _ = add_depictions(crops, 1, 80)
    assert (pictures == again).all() and (pictures != other).any()
    assert len({picture.tobytes() for picture in pictures}) == 80
    assert len(add_depictions(crops[:0], 0, 80)[0]) == 0


def test_a_cartoon_is_flatter_than_the_photo():
    def flat(picture):
        return (np.abs(np.diff(picture.astype(int), axis=1)).max(axis=2) < 4).mean()

    for seed in range(6):
        assert flat(cartoon_of_photo(CROP, rng(seed))) > 1.25 * flat(CROP)


def test_a_pencil_drawing_is_mostly_paper_and_keeps_the_face():
    for seed in range(6):
        drawn = pencil(CROP, rng(seed)).mean(axis=2)
        assert np.median(drawn) > 130
        assert np.corrcoef(drawn.ravel(), CROP.mean(axis=2).ravel())[0, 1] > 0.3


def test_a_print_has_dots_finer_than_the_face():
    def detail(picture):
        grey = picture.mean(axis=2)
        return np.abs(np.diff(grey, axis=0)).mean()

    for seed in range(6):
        assert detail(halftone(CROP, rng(seed))) > 2 * detail(CROP)


def test_a_painting_keeps_the_colours_of_the_photo():
    for seed in range(6):
        drawn = painting(CROP, rng(seed)).astype(int)
        assert (drawn != CROP).any() and np.abs(drawn.mean(axis=(0, 1)) - CROP.mean(axis=(0, 1))).max() < 30


@pytest.mark.parametrize("draw", [smiley, cartoon_face])
def test_drawn_faces_are_flat_and_differ(draw):
    faces = [draw(96, rng(seed)) for seed in range(12)]
    assert all(face.shape == (96, 96, 3) and face.std() > 15 for face in faces)
    assert len({face.tobytes() for face in faces}) == 12
    for face in faces:
        steps = np.abs(np.diff(face.astype(int), axis=1)).max(axis=2)
        assert (steps < 40).mean() > 0.8, "mostly areas of one colour"
