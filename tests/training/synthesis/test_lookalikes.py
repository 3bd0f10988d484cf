import numpy as np

from core.mask_rendering import ASTRONAUT_LANDMARKS, LOOKALIKES, sample_frame
from training.synthesis.labels import LABELS
from training.synthesis.lookalikes import SHARES, add_lookalikes

LEFT, TOP = 140, 30
CROP = sample_frame("no_mask").rgb[TOP : TOP + 180, LEFT : LEFT + 180]
POINTS = tuple((x - LEFT, y - TOP) for x, y in ASTRONAUT_LANDMARKS)


def test_each_face_gets_one_lookalike_and_is_still_without_a_mask():
    pictures, kinds = add_lookalikes(np.stack([CROP] * 60), [POINTS] * 60, seed=0)
    assert pictures.shape[1:] == CROP.shape and 45 < len(pictures) == len(kinds) <= 60
    assert set(kinds) == set(LOOKALIKES) == set(SHARES)
    assert {LABELS[kind] for kind in kinds} == {"without_mask"}
    assert kinds.count("turtleneck") > kinds.count("scarf_over_nose")
    assert all((picture != CROP).any() for picture in pictures)


def test_the_same_seed_draws_the_same_and_faces_without_points_are_left_out():
    flat = ((8.0, 8.0),) * 5
    some = np.stack([CROP] * 4)
    one, again, other = (add_lookalikes(some, [POINTS, None, POINTS, flat], seed)[0] for seed in (1, 1, 2))
    assert len(one) <= 2 and (one == again).all()
    assert one.shape != other.shape or (one != other).any()
