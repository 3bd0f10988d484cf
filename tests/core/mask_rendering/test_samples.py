"""The samples are there without a network, the same every time, and hold the faces they promise."""

import cv2
import numpy as np
import pytest
from skimage import data

from core.detection.haar import HaarDetector
from core.mask_rendering.samples import ASTRONAUT_LANDMARKS, SAMPLES, group_photo, sample_frame


def test_the_first_sample_is_the_photo_itself():
    assert next(iter(SAMPLES)) == "no_mask"
    assert (sample_frame("no_mask").rgb == data.astronaut()).all()


@pytest.mark.parametrize("name", list(SAMPLES))
def test_samples_repeat(name):
    assert (sample_frame(name).rgb == sample_frame(name).rgb).all()
    assert name == "no_mask" or "drawn" in SAMPLES[name]


@pytest.mark.parametrize(
    ("name", "nose", "mouth"),
    [("worn_right", True, True), ("nose_out", False, True), ("below_mouth", False, False)],
)
def test_drawn_samples_show_what_their_titles_say(name, nose, mouth):
    bare, drawn = (sample_frame(n).rgb.astype(int) for n in ("no_mask", name))
    changed = np.abs(bare - drawn).mean(axis=2)
    centre = np.mean(ASTRONAUT_LANDMARKS[3:], axis=0)
    for (x, y), covered in [(ASTRONAUT_LANDMARKS[2], nose), (centre, mouth)]:
        around = changed[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2].mean()
        assert around > 25 if covered else around < 3
    assert (changed > 25).sum() > 500


def test_unknown_samples_and_sizes_are_refused():
    with pytest.raises(KeyError):
        sample_frame("nobody")
    for faces in (0, 401):
        with pytest.raises(ValueError, match="faces"):
            group_photo(faces)


@pytest.mark.parametrize("faces", [1, 3, 20])
def test_the_wall_has_a_portrait_a_face(faces):
    rgb = group_photo(faces).rgb
    assert rgb.shape[0] % 200 == 0 and rgb.shape[1] % 200 == 0
    tiles = [
        rgb[y : y + 200, x : x + 200] for y in range(0, len(rgb), 200) for x in range(0, rgb.shape[1], 200)
    ]
    filled = [tile for tile in tiles if tile.std() > 20]
    assert len(filled) == faces
    small = [cv2.resize(tile, (16, 16), interpolation=cv2.INTER_AREA).astype(int) for tile in filled]
    assert all(np.abs(a - b).mean() > 2 for i, a in enumerate(small) for b in small[:i]), "two are the same"


def test_a_detector_finds_the_bare_faces_of_the_wall():
    detector = HaarDetector()
    found = [d for d in detector.detect(group_photo(20)) if d.score >= detector.operating_point]
    assert 10 <= len(found) <= 20  # five are bare; Haar misses masks over the nose, and finds 15 here
