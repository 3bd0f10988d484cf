"""What faces have in common, by points and words that are known, and the counts that follow."""

import math
from pathlib import Path

import numpy as np
import pytest

from core.labels import SUBTYPES
from core.results import Detection
from core.review import MASK_KIND, ROLL, SIZE, SKIN_TONE, UNKNOWN, VIEW, WORN_WRONG
from core.runs import LabelSlice
from training.data import Example
from training.evaluation.face_points import FoundFaces
from training.evaluation.label_slices import counted, dimensions

SIDE = 160
WITH, WRONG, WITHOUT = "with_mask", "incorrect_mask", "without_mask"


def example(label=WITHOUT, subtype="", face_px=100.0):
    return Example(Path("x.png"), label, "toy", "toy/1", face_px=face_px, subtype=subtype)


def seen(degrees=0.0, aside=0.0):
    """A face turned clockwise in the picture, its nose `aside` by parts of the distance between the eyes."""
    points = np.array([(-22, -10), (22, -10), (44 * aside, 12), (-16, 34), (16, 34)], float)
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turned = points @ np.array([[cos, sin], [-sin, cos]]) + SIDE / 2
    return Detection((30, 30, 130, 130), 0.9, "toy", tuple((float(x), float(y)) for x, y in turned))


def of(examples, faces, tell_pose=True):
    crops = np.full((len(examples), SIDE, SIDE, 3), (224, 172, 138), np.uint8)
    return dimensions(examples, crops, FoundFaces(dict(enumerate(faces)), "toy", tell_pose))


@pytest.mark.parametrize(
    ("degrees", "value"),
    [
        (0, "upright"),
        (-14, "upright"),
        (16, "tilted"),
        (-44, "tilted"),
        (90, "on its side"),
        (180, "upside down"),
    ],
)
def test_roll_by_degrees(degrees, value):
    assert of([example()], [seen(degrees)])[ROLL] == (value,)


@pytest.mark.parametrize(
    ("aside", "value"), [(0, "frontal"), (0.1, "frontal"), (-0.5, "three-quarter"), (2.5, "profile")]
)
def test_view_by_the_way_of_the_nose(aside, value):
    assert of([example()], [seen(aside=aside)])[VIEW] == (value,)


@pytest.mark.parametrize(
    ("face_px", "value"),
    [
        (23.9, "under 24 px"),
        (24, "24 to 48 px"),
        (48, "48 to 96 px"),
        (96, "96 px and more"),
        (4000, "96 px and more"),
        (math.nan, UNKNOWN),
    ],
)
def test_size_as_the_data_says(face_px, value):
    assert of([example(face_px=face_px)], [None])[SIZE] == [value]


def test_skin_is_of_the_colour_that_the_picture_has_there():
    assert of([example(), example(face_px=20)], [seen(), seen()])[SKIN_TONE] == ("light", UNKNOWN)


def test_faces_that_were_not_found_are_unknown():
    values = of([example(), example()], [seen(), None])
    assert [values[name][1] for name in (SKIN_TONE, VIEW, ROLL)] == [UNKNOWN] * 3


def test_points_that_do_not_tell_the_pose_give_no_view():
    assert set(of([example()], [seen()], tell_pose=False)) == {SKIN_TONE, SIZE}


def test_without_a_detector_only_what_the_data_says_is_there():
    crops = np.zeros((1, SIDE, SIDE, 3), np.uint8)
    assert set(dimensions([example()], crops, FoundFaces())) == {SIZE}


def test_kinds_and_ways_are_of_those_who_wear_a_mask():
    faces = [
        example(WITH, "n95_valve"),
        example(WITH),
        example(WRONG, "IMFD_uncovered_nose"),
        example(WRONG, "nose_out"),
        example(WRONG, "a word of their own"),
        example(WITHOUT, "cloth"),
    ]
    values = of(faces, [None] * 6)
    assert values[MASK_KIND] == ["respirator with valve", *[UNKNOWN] * 4, None]
    assert values[WORN_WRONG] == [None, None, "nose out", "nose out", UNKNOWN, None]


def test_every_subtype_of_ours_has_words_and_others_that_tell_more_are_kept():
    said = [*SUBTYPES, "below_mouth_or_hanging", "IMFD_uncovered_chin", "IMFD_uncovered_nose_mouth"]
    ways = of([example(WRONG, subtype) for subtype in said], [None] * len(said))[WORN_WRONG]
    assert ways == [
        *("nose out", "mouth out", "below the mouth", "under the chin", "elsewhere"),
        *("below the mouth or hanging", "chin out", "below the mouth"),
    ]


def test_what_the_data_does_not_say_of_any_face_is_no_slice():
    assert set(of([example(WITH), example(WRONG)], [None] * 2)) == {SKIN_TONE, VIEW, ROLL, SIZE}


def test_counts_are_by_value_and_label_in_order():
    values = {SIZE: ["96 px and more", "under 24 px", "96 px and more", "96 px and more", None, UNKNOWN]}
    found = counted(
        values,
        (WITH, WRONG, WITHOUT),
        np.array([0, 0, 0, 1, 0, 0]),
        np.array([True, False, False, True, True, True]),
        np.array([True, False, False, True, False, True]),
    )
    assert found == tuple(
        LabelSlice(dimension=SIZE, value=value, label=label, n=n, hits=hits, cannot_tell=cannot_tell)
        for value, label, n, hits, cannot_tell in (
            ("under 24 px", WITH, 1, 0, 1),
            ("96 px and more", WITH, 2, 1, 1),
            ("96 px and more", WRONG, 1, 1, 0),
            (UNKNOWN, WITH, 1, 1, 0),
        )
    )
