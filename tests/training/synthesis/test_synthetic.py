from collections import Counter

import numpy as np
import pytest
from skimage import data

from core.images.crops import to_input
from core.mask_rendering import COVERED, LABEL_OF, SUBTYPE_OF, UNDER_CHIN, WAYS
from core.results import Detection, Frame
from training.synthesis.synthetic import SUBTYPE_SHARE, add_masks, find_landmarks, variants

# The astronaut's face and its five points, in pixels of the crop
CROP = np.ascontiguousarray(to_input(data.astronaut()[20:200, 130:310], 160))
POINTS = tuple(
    ((x - 130) * 160 / 180, (y - 20) * 160 / 180)
    for x, y in ((203, 104), (242, 101), (226, 125), (209, 145), (243, 143))
)


class Detector:
    """Answers with what it is given, and keeps what it was shown."""

    name = "fake"

    def __init__(self, *answers: tuple[Detection, ...]) -> None:
        self.answers, self.shown = list(answers), []

    def detect(self, frame: Frame) -> tuple[Detection, ...]:
        self.shown.append(frame)
        return self.answers[len(self.shown) - 1]


def face(side: float, score: float = 0.9, landmarks=POINTS) -> Detection:
    return Detection((0, 0, side, side), score, "fake", landmarks)


def test_landmarks_are_those_of_the_largest_face_in_the_crops_own_pixels():
    far = tuple((x + 500, y) for x, y in POINTS)
    detector = Detector((face(70, landmarks=far), face(120)), (), (face(120, landmarks=None),), (face(20),))
    found = find_landmarks(np.stack([CROP] * 4), detector)
    pad = detector.shown[0].width // 2 - 80
    assert pad > 0
    assert np.allclose(found[0], np.array(POINTS) - pad)
    assert found[1:] == [None, None, None]  # no face, no points, a face too small to be the crop's own


def test_each_face_is_drawn_on_in_every_variant_and_only_where_points_are_known():
    pictures, wearings, faces = add_masks(np.stack([CROP, CROP]), [None, POINTS], seed=0)
    assert set(faces) == {1}
    assert all(wearing in variant for wearing, variant in zip(wearings, variants(SUBTYPE_SHARE), strict=True))
    assert pictures.shape == (len(variants(SUBTYPE_SHARE)), 160, 160, 3) and pictures.dtype == np.uint8
    for picture in pictures:
        assert (picture != CROP).any()


def test_masks_are_drawn_right_and_wrong_so_that_drawn_is_no_clue():
    each = variants(SUBTYPE_SHARE)
    some = [w for variant in each for w in ([variant] if isinstance(variant, str) else variant)]
    assert {LABEL_OF[w] for w in some} == {"with_mask", "incorrect_mask"}
    assert set(LABEL_OF) == set(WAYS) == set(some)


def test_wrong_ways_are_drawn_with_the_shares_of_their_subtypes():
    crops, points = np.stack([CROP] * 100), [POINTS] * 100
    _, wearings, _ = add_masks(crops, points, seed=0)
    assert wearings.count(COVERED) == 100
    counts = Counter(SUBTYPE_OF[w] for w in wearings if w != COVERED)
    for subtype, share in SUBTYPE_SHARE.items():
        assert counts[subtype] / counts.total() == pytest.approx(share, abs=0.08)
    assert set(wearings) == set(WAYS)
    wrong = {"under_chin": 3.0, "elsewhere": 0.0}
    _, wearings, _ = add_masks(crops[:20], points[:20], 0, variants(wrong)[1:])
    assert set(wearings) == {UNDER_CHIN}


def test_the_same_seed_draws_the_same_and_another_seed_other_masks():
    one, again, other = (add_masks(CROP[None], [POINTS], seed)[0] for seed in (1, 1, 2))
    assert (one == again).all()
    assert one.shape != other.shape or (one != other).any()


def test_points_that_describe_no_face_and_masks_that_do_not_show_are_left_out():
    same_point = ((80.0, 80.0),) * 5
    outside = tuple((x, y + 400) for x, y in POINTS)  # the mask would lie below the picture
    pictures, wearings, _ = add_masks(np.stack([CROP, CROP]), [same_point, outside], seed=0)
    assert pictures.shape == (0, 160, 160, 3) and wearings == []
