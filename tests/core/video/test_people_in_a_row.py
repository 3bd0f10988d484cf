"""A film of people at a door, one after the other in the same place, with the weights that ship."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import cv2
import numpy as np
import pytest

from core.mask_rendering.samples import sample_frame
from core.pipeline import load_pipeline
from core.results import Detection, Frame
from core.video.analysis import LiveAnalysis
from core.video.counting import PeopleCounter
from core.video.looks import is_other, look_of
from core.video.tracking import Tracker

FPS, PAUSE = 8, 0.7  # seconds between two people
HEAD = np.s_[10:240, 110:330]  # of the sample: hair to collar
ALIKE = (("worn_right", 0), ("no_mask", 0), ("below_mouth", 0))
UNLIKE = (("no_mask", 0), ("no_mask", 60), ("no_mask", 110))  # degrees of hue: other skin, hair and clothes


def head(sample: str, hue: int) -> np.ndarray:
    hsv = cv2.cvtColor(sample_frame(sample).rgb[HEAD], cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + hue // 2) % 180
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)


def pictures(*people: tuple[str, int], stay: float = 1.5, pause: float = PAUSE, size: float = 1.0):
    """Time and picture: somebody steps up, sways a little, and is gone."""
    t = 50.0
    for number, person in enumerate(people):
        shown = head(*person)
        if number % 2:
            shown = cv2.resize(shown, None, fx=size, fy=size)
        for step in range(round(stay * FPS)):
            picture = np.full((480, 640, 3), 150, np.uint8)
            left = 310 - shown.shape[1] // 2 + round(6 * np.sin(step))
            top = 230 - shown.shape[0] // 2
            picture[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
            yield t, Frame(picture)
            t += 1 / FPS
        for _ in range(round(pause * FPS)):
            yield t, Frame(np.full((480, 640, 3), 150, np.uint8))
            t += 1 / FPS


@pytest.fixture(scope="module")
def pipeline():
    return load_pipeline()


def watch(pipeline, film) -> tuple[list[list[tuple[int, str]]], PeopleCounter]:
    """Ids and answers in each picture, and what was counted."""
    analysis, counter, seen = LiveAnalysis(pipeline), PeopleCounter(), []
    for t, picture in film:
        people = analysis.analyse(picture, t).people
        counter.add(people, datetime.fromtimestamp(t, UTC))
        seen.append([(person.face.track_id, person.face.answer) for person in people])
    return seen, counter


def test_three_people_in_a_row_are_three_and_none_inherits_an_answer(pipeline):
    seen, counter = watch(pipeline, pictures(*ALIKE))
    told = list(dict.fromkeys(pair for people in seen for pair in people if pair[1] != "cannot_tell"))
    assert told == [(1, "with_mask"), (2, "without_mask"), (3, "incorrect_mask")]
    assert (counter.totals.so_far, counter.totals.judged, counter.totals.properly) == (3, 3, 1)
    assert [(event.id, event.label) for event in counter.events] == told


def test_three_people_who_wear_the_same_are_told_by_their_looks(pipeline):
    seen, counter = watch(pipeline, pictures(*UNLIKE))
    assert list(dict.fromkeys(id_ for people in seen for id_, _ in people)) == [1, 2, 3]
    assert counter.totals.so_far == 3


def test_who_is_out_of_sight_for_a_moment_is_not_counted_twice(pipeline):
    seen, counter = watch(pipeline, pictures(*[("no_mask", 0)] * 3))
    assert {id_ for people in seen for id_, _ in people} == {1} and counter.totals.so_far == 1


def test_who_comes_back_much_larger_is_somebody_else(pipeline):
    seen, counter = watch(pipeline, pictures(*[("no_mask", 0)] * 2, size=1.6))
    assert {id_ for people in seen for id_, _ in people} == {1, 2} and counter.totals.so_far == 2


def test_a_cut_changes_the_person_though_nobody_was_out_of_sight(pipeline):
    film = list(pictures(("no_mask", 0), ("no_mask", 110), pause=0))
    cut = len(film) // 2
    other = [(t, Frame(np.where(p.rgb == 150, [40, 90, 190], p.rgb).astype(np.uint8))) for t, p in film[cut:]]
    seen, _ = watch(pipeline, film[:cut] + other)
    assert [{id_ for id_, _ in people} for people in (seen[cut - 1], seen[-1])] == [{1}, {2}]
    assert all(len(people) <= 1 for people in seen)  # nobody's box stays beside the newcomer's


def test_a_mask_that_is_put_on_in_sight_changes_nobody(pipeline):
    seen, counter = watch(pipeline, pictures(("no_mask", 0), ("worn_right", 0), pause=0))
    assert {id_ for people in seen for id_, _ in people} == {1} and counter.totals.so_far == 1
    assert seen[-1] == [(1, "with_mask")]


@pytest.mark.parametrize(("changes", "ids"), [(False, {1}), (True, {1, 2})])
def test_a_box_that_jumps_on_a_face_that_stays_makes_nobody_another(changes, ids):
    """As between pictures that the detector looks at in two sizes: a sixth of its side, to and fro."""
    scenes = [many_colours(seed) for seed in (1, 2)]
    boxes = (100.0, 100.0, 220.0, 220.0), (100.0, 80.0, 220.0, 200.0)
    before, now = ([look_of(scenes[0], box)] for box in boxes)
    assert is_other(before, now, np.array([False]))[0]  # by the boxes alone

    tracker, seen = Tracker(), set()
    for step in range(12):
        frame = scenes[changes and step >= 6]
        found = [Detection(box=boxes[step // 2 % 2], score=0.9, detector="test", landmarks=None)]
        tracks = tracker.update(found, step / 5, start_score=0.5, look=lambda box, at=frame: look_of(at, box))
        seen |= {track.id for track in tracks}
    assert seen == ids


def many_colours(seed: int) -> Frame:
    tiles = np.random.default_rng(seed).integers(0, 256, (16, 16, 3), np.uint8)
    return Frame(np.kron(tiles, np.ones((20, 20, 1), np.uint8)))


@pytest.mark.parametrize(
    "box", [(-30, -30, 40, 60), (600, 440, 900, 900), (700, 500, 800, 600), (5, 5, 5, 5)]
)
def test_a_look_is_had_of_any_box(box):
    look = look_of(Frame(np.zeros((480, 640, 3), np.uint8)), box)
    assert look.face.shape == (6, 6, 3) and look.around.shape == (24, 3)


def test_light_that_changes_makes_nobody_another():
    rgb = head("no_mask", 0)
    looks = [
        look_of(Frame(np.clip(rgb * light, 0, 255).astype(np.uint8)), (40, 40, 160, 180))
        for light in (0.75, 1)
    ]
    for before, now in pairwise([*looks, looks[0]]):
        assert not is_other([before], [now], np.array([True]))[0]
