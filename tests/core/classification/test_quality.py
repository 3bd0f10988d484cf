import dataclasses
import math

import cv2
import numpy as np
import pytest

from core.classification.quality import Quality, judge, measure, quality_failure
from core.decision import OperatingPoint
from core.labels import MASK_3
from core.models.card import QualityThresholds, Threshold
from core.reasons import ADVICE, HINTS
from core.results import Detection, Frame, Prediction

LIMITS = {
    "min_face_px": 20,
    "min_sharpness": 0.1,
    "min_brightness": 40,
    "max_yaw": 40,
    "max_roll": 60,
    "min_visible": 0.8,
    "min_margin": 0.2,
}
THRESHOLDS = QualityThresholds(**{k: Threshold(value=v, reason="a test") for k, v in LIMITS.items()})
GOOD = Quality(face_px=100, brightness=120, sharpness=0.5, roll=-5, yaw=8, visible=1)
FRONTAL = ((40.0, 40.0), (60.0, 40.0), (50.0, 50.0), (42.0, 62.0), (58.0, 62.0))


def noise(brightness=120, contrast=40, size=100):
    rng = np.random.default_rng(0)
    grey = rng.normal(brightness, contrast, (size, size, 1)).clip(0, 255)
    return np.repeat(grey, 3, axis=2).astype(np.uint8)


def of(rgb, landmarks=None):
    height, width = rgb.shape[:2]
    return measure(Frame(rgb), Detection((0, 0, width, height), 0.9, "d", landmarks))


def prediction(*probabilities, min_margin=0.2):
    return Prediction(MASK_3, probabilities, OperatingPoint(min_margin))


def test_a_good_face_is_told():
    assert judge(GOOD, prediction(0.1, 0.1, 0.8), THRESHOLDS) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"visible": 0.7}, "cut_off"),
        ({"face_px": 19}, "too_small"),
        ({"brightness": 39}, "dark"),
        ({"sharpness": 0.05}, "blurred"),
        ({"yaw": 41}, "turned_away"),
        ({"yaw": -41}, "turned_away"),
        ({"roll": 61}, "tilted"),
        ({"roll": -90}, "tilted"),
        ({"face_px": 19, "sharpness": 0}, "too_small"),  # the first that holds: small faces are blurred too
    ],
)
def test_each_reason_has_its_advice(change, reason):
    told = judge(dataclasses.replace(GOOD, **change), prediction(0.1, 0.1, 0.8), THRESHOLDS)
    assert (told.reason, told.advice) == (reason, ADVICE[reason])


def test_low_margin_follows_the_operating_point_of_the_prediction():
    unsure = prediction(0.55, 0.35, 0.1, min_margin=0.2)
    assert judge(GOOD, unsure, THRESHOLDS).reason == "low_margin"
    assert judge(GOOD, dataclasses.replace(unsure, operating_point=OperatingPoint(0.05)), THRESHOLDS) is None


def test_an_unknown_pose_does_not_count_against_a_face():
    face = dataclasses.replace(GOOD, roll=math.nan, yaw=math.nan)
    assert judge(face, prediction(0.1, 0.1, 0.8), THRESHOLDS) is None


def test_blur_lowers_sharpness_and_darkness_does_not():
    face = noise()
    assert of(cv2.GaussianBlur(face, (0, 0), 4)).sharpness < 0.5 * of(face).sharpness
    assert of(face // 2).sharpness == pytest.approx(of(face).sharpness, rel=0.05)


def test_brightness_is_the_mean_luma():
    assert of(np.full((50, 50, 3), 77, np.uint8)).brightness == pytest.approx(77)


def test_a_flat_face_is_not_sharp():
    assert of(np.full((50, 50, 3), 77, np.uint8)).sharpness == 0


def test_pose_is_measured_where_there_are_landmarks():
    on_its_side = tuple((100 - y, x) for x, y in FRONTAL)
    assert of(noise(), on_its_side).roll == pytest.approx(90)
    assert of(noise(), on_its_side).yaw == pytest.approx(0)
    assert math.isnan(of(noise()).roll) and math.isnan(of(noise()).yaw)


def test_without_a_threshold_no_face_is_refused_for_its_pose():
    bare = THRESHOLDS.model_copy(update={"max_yaw": None, "max_roll": None})
    assert quality_failure(dataclasses.replace(GOOD, roll=180, yaw=90), bare) is None


@pytest.mark.parametrize(("nose", "reason"), [(0.49, None), (-0.49, None), (0.51, "turned_away")])
def test_a_card_of_before_refuses_the_same_faces_by_max_turn(nose, reason):
    """Its limit is the nose's way from midway between the eyes, in eye distances: here .5."""
    before = QualityThresholds(
        **{
            k: Threshold(value=v, reason="a test")
            for k, v in LIMITS.items()
            if k not in ("max_yaw", "max_roll")
        },
        max_turn=Threshold(value=0.5, reason="a test"),
    )
    landmarks = (*FRONTAL[:2], (50 + 20 * nose, 50.0), *FRONTAL[3:])
    assert quality_failure(of(noise(), landmarks), before) == reason
    assert quality_failure(dataclasses.replace(GOOD, roll=180), before) is None


def test_the_smallest_box_is_measured():
    assert measure(Frame(noise()), Detection((3.2, 3.2, 3.4, 4.4), 0.9, "d")).face_px == pytest.approx(1.2)


def test_poor_quality_has_a_reason_without_any_prediction():
    assert quality_failure(GOOD, THRESHOLDS) is None
    nothing_right = Quality(face_px=1, brightness=0, sharpness=0, roll=180, yaw=90, visible=0)
    assert quality_failure(nothing_right, THRESHOLDS) == next(iter(ADVICE)) == "cut_off"


def test_a_limit_that_is_just_met_is_met():
    at_the_limit = Quality(face_px=20, brightness=40, sharpness=0.1, roll=-60, yaw=40, visible=0.8)
    assert quality_failure(at_the_limit, THRESHOLDS) is None


def test_every_reason_has_a_hint_short_enough_for_a_label():
    assert list(HINTS) == list(ADVICE)
    assert all(0 < len(hint) <= 24 for hint in HINTS.values()) and len(set(HINTS.values())) == len(HINTS)
