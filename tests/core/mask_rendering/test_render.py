"""A drawn mask covers what its name says, on faces of any size and turn, and never the caller's picture."""

import numpy as np
import pytest

from core.mask_rendering.render import draw_mask
from core.mask_rendering.samples import ASTRONAUT_LANDMARKS, sample_frame
from core.mask_rendering.styles import CUTS, MaskStyle, random_style
from core.mask_rendering.ways import (
    BELOW_MOUTH,
    COVERED,
    CUT_OPEN,
    HANGING,
    IN_HAND,
    MOUTH_OUT,
    NOSE_OUT,
    ON_FOREHEAD,
    OVER_EYES,
    UNDER_CHIN,
    WAYS,
    WEARINGS,
)

SKIN = np.array((205, 160, 135))
GREEN = (20, 110, 60)


def bare_face(face_px, yaw=0.0):
    """Plain skin with the landmarks of a face that wide; yaw moves the nose, in eye distances."""
    eye = face_px / 2.3
    centre = np.array([1.0, 0.8]) * face_px
    points = np.array([(-0.5, 0), (0.5, 0), (yaw, 0.62), (-0.4, 1.1), (0.4, 1.1)]) * eye + centre
    rgb = np.empty((round(2.2 * face_px), 2 * round(face_px), 3), np.uint8)
    rgb[:] = SKIN
    return rgb, tuple(map(tuple, points))


def coverage(before, after, point):
    """How far the 3 x 3 pixels at a point are from skin, 0 to 1 of a cloth quite unlike skin."""
    x, y = (int(v) for v in point)
    area = slice(max(y - 1, 0), y + 2), slice(max(x - 1, 0), x + 2)
    changed = np.abs(after[area].astype(float) - before[area]).mean()
    return changed / np.abs(SKIN - GREEN).mean()


def drawings(face_px, shape, wearing):
    """A bare face, its landmarks, and it with a mask, some times over."""
    rgb, landmarks = bare_face(face_px)
    for seed in range(2 if face_px == 1000 else 8):
        style = MaskStyle(shape, GREEN)
        yield rgb, landmarks, draw_mask(rgb, landmarks, wearing, style, np.random.default_rng(seed))


@pytest.mark.parametrize("face_px", [24, 100, 1000])
@pytest.mark.parametrize("shape", list(CUTS))
@pytest.mark.parametrize("wearing", WEARINGS)
def test_each_wearing_covers_what_its_name_says(face_px, shape, wearing):
    for rgb, landmarks, drawn in drawings(face_px, shape, wearing):
        eyes, nose = landmarks[:2], landmarks[2]
        mouth = np.mean(landmarks[3:], axis=0)
        assert max(coverage(rgb, drawn, eye) for eye in eyes) < 0.05
        nose_covered, mouth_covered = coverage(rgb, drawn, nose), coverage(rgb, drawn, mouth)
        assert nose_covered > 0.5 if wearing == COVERED else nose_covered < 0.15
        assert mouth_covered > 0.5 if wearing != BELOW_MOUTH else mouth_covered < 0.15
        chin = mouth + (mouth - np.mean(eyes, axis=0)) * 0.62  # v = 1.62, under every upper edge
        assert coverage(rgb, drawn, chin) > 0.3 or wearing == COVERED


@pytest.mark.parametrize("face_px", [24, 100, 1000])
@pytest.mark.parametrize("shape", list(CUTS))
@pytest.mark.parametrize("wearing", [UNDER_CHIN, HANGING])
def test_a_mask_taken_off_covers_neither_nose_nor_mouth(face_px, shape, wearing):
    for rgb, landmarks, drawn in drawings(face_px, shape, wearing):
        mouth = np.mean(landmarks[3:], axis=0)
        assert max(coverage(rgb, drawn, point) for point in (*landmarks, mouth)) < 0.15
        changed = np.argwhere(np.abs(drawn.astype(int) - rgb).mean(axis=2) > 40)[:, ::-1]
        x = changed[:, 0].mean()
        if wearing == UNDER_CHIN:
            assert abs(x - mouth[0]) < 0.1 * face_px
            between_straps = changed[np.abs(changed[:, 0] - mouth[0]) < 0.2 * face_px]
            assert between_straps[:, 1].mean() > mouth[1] + 0.3 * face_px / 2.3
        else:
            assert abs(x - mouth[0]) > 0.3 * face_px  # beside the face


@pytest.mark.parametrize("face_px", [60, 1000])
@pytest.mark.parametrize("shape", ["surgical", "kn95", "bandana"])
@pytest.mark.parametrize(
    ("wearing", "eyes_are", "nose_is", "mouth_is"),
    [
        (MOUTH_OUT, False, True, False),
        (CUT_OPEN, False, True, False),
        (OVER_EYES, True, False, False),
        (ON_FOREHEAD, False, False, False),
        (IN_HAND, False, False, False),
    ],
)
def test_a_mask_elsewhere_covers_only_what_is_there(face_px, shape, wearing, eyes_are, nose_is, mouth_is):
    for rgb, landmarks, drawn in drawings(face_px, shape, wearing):
        for point, covered in (
            (landmarks[0], eyes_are),
            (landmarks[1], eyes_are),
            (landmarks[2], nose_is),
            (np.mean(landmarks[3:], axis=0), mouth_is),
        ):
            there = coverage(rgb, drawn, point)
            assert there > 0.5 if covered else there < 0.3
        changed = np.abs(drawn.astype(int) - rgb).mean(axis=2) > 40
        assert changed.sum() > 0.05 * face_px**2 or wearing == IN_HAND


def test_a_mask_on_the_forehead_lies_above_the_eyes():
    for rgb, landmarks, drawn in drawings(100, "surgical", ON_FOREHEAD):
        y = np.argwhere(np.abs(drawn.astype(int) - rgb).mean(axis=2) > 40).mean(axis=0)[0]
        assert y < landmarks[0][1] - 0.3 * 100 / 2.3


@pytest.mark.parametrize("yaw", [-0.35, 0.35])
def test_a_mask_hangs_from_the_ear_that_is_seen(yaw):
    rgb, landmarks = bare_face(200, yaw)
    for seed in range(8):
        drawn = draw_mask(rgb, landmarks, HANGING, MaskStyle(colour=GREEN), np.random.default_rng(seed))
        x = np.argwhere(np.abs(drawn.astype(int) - rgb).mean(axis=2) > 40).mean(axis=0)[1]
        assert (x < landmarks[2][0]) if yaw > 0 else (x > landmarks[2][0])  # the nose turns away from it


@pytest.mark.parametrize("yaw", [-0.35, -0.2, 0.2, 0.35])
def test_a_turned_head_shows_more_of_the_near_side(yaw):
    rgb, landmarks = bare_face(200, yaw)
    style = MaskStyle("cone", GREEN, straps="none")
    drawn = draw_mask(rgb, landmarks, COVERED, style)
    x, y = landmarks[2]
    row = np.abs(drawn[int(y)].astype(int) - rgb[int(y)]).mean(axis=1) > 20
    left, right = row[: int(x)].sum(), row[int(x) :].sum()
    assert (left > 1.2 * right) if yaw > 0 else (right > 1.2 * left)


def test_the_drawing_is_a_copy_and_repeats():
    frame = sample_frame("no_mask")
    kept = frame.rgb.copy()
    once, again = (draw_mask(frame.rgb, ASTRONAUT_LANDMARKS, COVERED, MaskStyle()) for _ in range(2))
    assert (frame.rgb == kept).all() and not np.shares_memory(once, frame.rgb)
    assert (once == again).all() and (once != kept).any()
    other = draw_mask(frame.rgb, ASTRONAUT_LANDMARKS, COVERED, MaskStyle(), np.random.default_rng(1))
    assert (once != other).any()


def test_only_the_surroundings_of_the_face_change():
    frame = sample_frame("no_mask")
    drawn = draw_mask(frame.rgb, ASTRONAUT_LANDMARKS, BELOW_MOUTH, MaskStyle())
    changed = np.argwhere((drawn != frame.rgb).any(axis=2))
    assert changed.min(axis=0)[0] > 75 and changed.max(axis=0)[0] < 240
    assert changed.min(axis=0)[1] > 150 and changed.max(axis=0)[1] < 300


def test_a_mask_below_the_mouth_shows_even_where_the_picture_ends_at_the_chin():
    rgb, landmarks = bare_face(100)
    cut = np.ascontiguousarray(rgb[: int(80 + 1.55 * 1.1 * 100 / 2.3)])  # v = 1.55
    for seed in range(10):
        drawn = draw_mask(cut, landmarks, BELOW_MOUTH, MaskStyle(colour=GREEN), np.random.default_rng(seed))
        assert (np.abs(drawn.astype(int) - cut).mean(axis=2) > 30).sum() > 100


def test_a_black_and_white_photo_stays_so():
    grey = np.repeat(sample_frame("no_mask").rgb.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    drawn = draw_mask(grey, ASTRONAUT_LANDMARKS, COVERED, MaskStyle(colour=(200, 20, 20)))
    assert (drawn != grey).any()
    assert np.ptp(drawn.astype(int), axis=2).max() <= 2


def test_faces_at_and_beyond_the_edge():
    rgb, landmarks = bare_face(60)
    for dx, dy in [(-50, 0), (60, 0), (0, -60), (0, 80), (-5000, 9), (9, 5000)]:
        moved = tuple((x + dx, y + dy) for x, y in landmarks)
        for wearing in WAYS[1:]:
            drawn = draw_mask(rgb, moved, wearing, MaskStyle())
            assert drawn.shape == rgb.shape
            assert (drawn == rgb).all() or max(abs(dx), abs(dy)) < 5000


def test_a_head_upside_down_wears_its_mask_upside_down():
    rgb, landmarks = bare_face(100)
    height, width = rgb.shape[:2]
    turned = tuple((width - x, height - y) for x, y in landmarks)
    drawn = draw_mask(rgb, turned, NOSE_OUT, MaskStyle(colour=GREEN))
    assert coverage(rgb, drawn, np.mean(turned[3:], axis=0)) > 0.5
    assert coverage(rgb, drawn, turned[2]) < 0.1


@pytest.mark.parametrize(
    "landmarks",
    [
        ((10, 10),) * 5,
        ((10, 10), (10, 10), (12, 14), (8, 20), (14, 20)),
        ((0, 0), (10, 0), (20, 0), (30, 0), (40, 0)),
        ((10, 10), (20, 10), (15, 14), (float("nan"), 20), (18, 20)),
        ((10, 10), (20, 10), (15, 14), (12, 20), (18, float("inf"))),
        ((1e300, 0), (-1e300, 0), (0, 1), (0, 1e300), (1, 1e300)),
        ((10, 10), (20, 10), (15, 14)),
    ],
)
def test_landmarks_that_describe_no_face_are_refused(landmarks):
    with pytest.raises(ValueError, match="landmarks"):
        draw_mask(np.zeros((40, 40, 3), np.uint8), landmarks, COVERED, MaskStyle())


def test_wrong_wearings_and_arrays_are_refused():
    rgb, landmarks = bare_face(60)
    with pytest.raises(ValueError, match="wearing"):
        draw_mask(rgb, landmarks, "no_mask", MaskStyle())
    with pytest.raises(ValueError, match="rgb"):
        draw_mask(rgb[..., 0], landmarks, COVERED, MaskStyle())


def test_random_styles_are_many_and_all_can_be_drawn():
    rng = np.random.default_rng(0)
    styles = [random_style(rng) for _ in range(300)]
    assert {style.shape for style in styles} == set(CUTS)
    assert {style.pattern for style in styles} == {"plain", "stripes", "dots", "check", "blobs"}
    assert len({style.colour for style in styles}) > 200
    rgb, landmarks = bare_face(40)
    for style in styles[:60]:
        assert (draw_mask(rgb, landmarks, COVERED, style, rng) != rgb).any()
