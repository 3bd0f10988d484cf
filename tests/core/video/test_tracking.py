"""Synthetic people: faces that move by a known rule, so that who is who is known."""

import math
import time

import numpy as np
import pytest

from core.results import Detection
from core.video.tracking import DRIFT, Track, Tracker

START = 0.6
SIZE = 40.0


def face(x, y=100.0, size=SIZE, score=0.9):
    """A detection of a square face by its centre."""
    half = size / 2
    return Detection((x - half, y - half, x + half, y + half), score, "drawn")


def centre_x(track):
    x1, _, x2, _ = track.detection.box
    return (x1 + x2) / 2


def watch(people, seconds, fps, tracker=None, start=0.0):
    """Track people, each a function of time that gives a face or None. Ids by person, frame by frame."""
    tracker = tracker or Tracker()
    ids = [[] for _ in people]
    for frame in range(round(seconds * fps)):
        t = start + frame / fps
        seen = [person(t) for person in people]
        tracks = tracker.update([d for d in seen if d], t, start_score=START)
        by_detection = {id(track.detection): track.id for track in tracks}
        for person, detection in zip(ids, seen, strict=True):
            person.append(by_detection.get(id(detection)))
    return ids


def names(ids):
    """The ids that one person was given, in order, without repeats."""
    return list(dict.fromkeys(i for i in ids if i))


def test_a_face_gets_its_id_in_its_second_frame_and_keeps_it():
    (ids,) = watch([lambda t: face(100)], 1, 10)
    assert ids == [None] + [1] * 9


def test_ids_are_given_in_order_and_never_twice():
    tracker = Tracker()
    watch([lambda t: face(100)], 1, 10, tracker)
    (second,) = watch([lambda t: face(100)], 1, 10, tracker, start=10)
    assert names(second) == [2]
    assert tracker.update([face(500), face(100)], 10.95, start_score=START)[0].id == 2
    assert [track.id for track in tracker.update([face(500), face(100)], 11, start_score=START)] == [2, 3]


@pytest.mark.parametrize("fps", [3, 10, 30])
@pytest.mark.parametrize("faces_a_second", [2, 7])
def test_a_walking_person_is_one_person_at_any_rate(fps, faces_a_second):
    (ids,) = watch([lambda t: face(50 + faces_a_second * SIZE * t)], 4, fps)
    assert names(ids) == [1]
    assert ids.count(None) == 1


@pytest.mark.parametrize("fps", [3, 10, 30])
def test_a_person_who_turns_round_is_one_person(fps):
    (ids,) = watch([lambda t: face(300 + 80 * math.sin(2 * t))], 6, fps)
    assert names(ids) == [1]


@pytest.mark.parametrize("fps", [5, 10, 30])
def test_people_who_cross_keep_their_ids(fps):
    """They pass behind one another: while boxes overlap by half, the detector gives the front one only."""

    def front(t):
        return face(100 + 100 * t)

    def behind(t):
        x = 400 - 100 * t
        return None if abs(x - front(t).box[0] - SIZE / 2) < SIZE / 2 else face(x, y=104)

    ids = watch([front, behind], 3, fps)
    assert [names(person) for person in ids] == [[1], [2]]


def test_an_occluded_person_keeps_the_id_and_is_lost_meanwhile():
    tracker = Tracker()
    (before,) = watch([lambda t: face(100)], 1, 10, tracker)
    (during,) = watch([lambda t: None], 1.5, 10, tracker, start=1)
    assert [track.id for track in tracker.lost] == [1]
    (after,) = watch([lambda t: face(130)], 1, 10, tracker, start=2.5)
    assert (names(before), names(during), names(after)) == ([1], [], [1])
    assert tracker.lost == []


def test_a_person_who_walks_on_behind_a_pillar_keeps_the_id():
    (ids,) = watch([lambda t: None if 1 <= t < 2.2 else face(50 + 200 * t)], 4, 10)
    assert names(ids) == [1]


def test_a_person_away_for_too_long_is_a_new_one():
    tracker = Tracker(forget_after=2.0)
    (ids,) = watch([lambda t: None if 1 <= t < 3.5 else face(100)], 5, 10, tracker)
    assert names(ids) == [1, 2]
    patient = Tracker(forget_after=3.0)
    (ids,) = watch([lambda t: None if 1 <= t < 3.5 else face(100)], 5, 10, patient)
    assert names(ids) == [1]


def test_somebody_else_far_from_a_lost_person_is_a_new_one():
    tracker = Tracker()
    watch([lambda t: face(100)], 1, 10, tracker)
    (other,) = watch([lambda t: face(400)], 1, 10, tracker, start=1.2)
    assert names(other) == [2]


def test_an_error_of_one_frame_is_never_a_person():
    rng = np.random.default_rng(0)

    def flicker(t):
        return face(*rng.uniform(0, 600, 2), score=0.95) if round(t * 10) % 7 == 3 else None

    _, errors = watch([lambda t: face(300, 700), flicker], 20, 10)
    assert any(errors) is False


def test_an_error_near_an_occluded_person_does_not_take_their_id():
    tracker = Tracker()
    watch([lambda t: face(100)], 1, 10, tracker)
    watch([lambda t: None], 1, 10, tracker, start=1)
    assert tracker.update([face(100 + 2.5 * SIZE)], 2, start_score=START) == []
    (after,) = watch([lambda t: face(110)], 1, 10, tracker, start=2.1)
    assert names(after) == [1]


def test_a_lost_person_does_not_take_the_face_of_one_who_is_seen():
    """The face is nearer to where the lost one was, but of that place nobody is sure any more."""
    tracker = Tracker()
    watch([lambda t: face(100), lambda t: face(152)], 1, 10, tracker)
    watch([lambda t: None, lambda t: face(152)], 1.5, 10, tracker, start=1)
    (track,) = tracker.update([face(122)], 2.5, start_score=START)
    assert track.id == 2


@pytest.mark.parametrize("size", [12, 40, 200])
@pytest.mark.parametrize("fps", [3, 30])
def test_jitter_of_the_box_changes_nobody(size, fps):
    rng = np.random.default_rng(1)

    def jittering(x):
        return lambda t: face(
            x + rng.normal(0, 0.07 * size), rng.normal(100, 0.07 * size), size * rng.uniform(0.85, 1.15)
        )

    ids = watch([jittering(300), jittering(300 + 1.5 * size)], 5, fps)
    assert sorted(map(names, ids)) == [[1], [2]]


@pytest.mark.parametrize("fps", [1, 3, 10, 30])
def test_a_person_who_walks_up_to_the_camera_keeps_the_id(fps):
    (ids,) = watch([lambda t: face(300 - 20 * t, 200, size=20 * 2 ** (t / 1.2))], 4.8, fps)
    assert names(ids) == [1]


def test_a_sudden_other_size_is_somebody_else():
    tracker = Tracker()
    watch([lambda t: face(100, size=30)], 1, 10, tracker)
    (ids,) = watch([lambda t: face(100, size=120)], 1, 10, tracker, start=1)
    assert names(ids) == [2]


def test_low_scores_continue_a_person_but_start_none():
    (never,) = watch([lambda t: face(100, score=0.3)], 2, 10)
    assert names(never) == []
    (ids,) = watch([lambda t: face(100 + 50 * t, score=0.9 if t < 1 else 0.3)], 5, 10)
    assert ids == [None] + [1] * 49


def test_a_low_score_has_to_be_nearer_than_a_high_one():
    for score, found in ((0.9, True), (0.3, False)):
        tracker = Tracker()
        watch([lambda t: face(100)], 1, 10, tracker)
        tracks = tracker.update([face(100 + SIZE, score=score)], 1, start_score=START)
        assert bool(tracks) is found


def test_a_low_score_does_not_confirm():
    tracker = Tracker()
    tracker.update([face(100)], 0, start_score=START)
    assert tracker.update([face(100, score=0.3)], 0.1, start_score=START) == []


def test_a_face_of_high_score_is_preferred():
    tracker = Tracker()
    watch([lambda t: face(100)], 1, 10, tracker)
    (track,) = tracker.update([face(100, score=0.3), face(104)], 1, start_score=START)
    assert centre_x(track) == 104


def test_two_boxes_of_one_face_are_one_person():
    ids = watch([lambda t: face(100), lambda t: face(108, 104, size=30, score=0.7)], 2, 10)
    assert set(names(ids[0]) + names(ids[1])) == {1}


def test_thirty_people_who_mill_about_keep_their_ids():
    rng = np.random.default_rng(2)
    homes = [(x, y) for x in range(60, 660, 100) for y in range(60, 560, 100)]
    phases = rng.uniform(0, 2 * np.pi, (len(homes), 2))

    def person(home, phase):
        def at(t):
            missed = rng.random() < 0.1
            x, y = home + 30 * np.sin(2 * t + phase) + rng.normal(0, 2, 2)
            return None if missed else face(x, y)

        return at

    ids = watch([person(np.array(h), p) for h, p in zip(homes, phases, strict=True)], 10, 10)
    assert sorted(map(names, ids)) == [[i] for i in range(1, 31)]


def test_time_steps_that_vary_repeat_or_step_back():
    tracker = Tracker()
    t = 0.0
    for step in (0.033, 1.0, 0.0, 0.2, -0.3, 0.3, 0.0, 0.5, 0.033):
        t += step
        tracks = tracker.update([face(100 + 40 * t)], t, start_score=START)
    assert [track.id for track in tracks] == [1]
    assert np.isfinite(tracks[0].velocity).all()
    assert tracks[0].last_seen >= tracks[0].first_seen == 0.033


def test_tracks_come_in_the_order_of_their_ids():
    tracker = Tracker()
    for t in (0, 0.1):
        tracker.update([face(100), face(300), face(500)], t, start_score=START)
    tracker.update([face(300)], 0.2, start_score=START)
    assert [track.id for track in tracker.lost] == [1, 3]
    tracks = tracker.update([face(500), face(300), face(100)], 0.3, start_score=START)
    assert [track.id for track in tracks] == [1, 2, 3]


def test_empty_frames_are_fine():
    tracker = Tracker()
    assert tracker.update([], 0, start_score=START) == []
    tracker.update([face(100)], 0.1, start_score=START)
    assert tracker.update([], 0.2, start_score=START) == []
    assert tracker.lost == []


def test_a_box_without_area_does_not_crash():
    tracker = Tracker()
    for t in (0, 0.1):
        tracks = tracker.update([Detection((5, 5, 5, 5), 0.9, "drawn")], t, start_score=START)
    assert [track.id for track in tracks] == [1]


def test_velocity_and_the_box_between_frames():
    tracker = Tracker()
    watch([lambda t: face(100 + 60 * t, 100 - 30 * t)], 3, 10, tracker)
    (track,) = tracker.update([face(280, 10)], 3, start_score=START)
    assert track.velocity == pytest.approx((60, -30), rel=0.05)
    assert track.box_at(3.1) == pytest.approx((266, -13, 306, 27), abs=0.5)
    assert track.box_at(2.9) == track.detection.box


def test_a_lost_face_does_not_fly_away():
    track = Track(1, face(100), (100.0, 0.0), 0.0, 1.0)
    assert track.box_at(60) == track.box_at(1 + DRIFT)
    assert track.box_at(60)[0] == pytest.approx(80 + 100 * DRIFT)


@pytest.mark.parametrize("scale", [0.25, 4])
def test_frames_of_another_size_change_nobody(scale):
    tracker = Tracker()
    watch([lambda t: face(100 + 60 * t)], 3, 10, tracker)
    tracker.rescale(scale)
    (track,) = tracker.update([face(280 * scale, 100 * scale, SIZE * scale)], 3, start_score=START)
    assert track.id == 1
    assert track.velocity == pytest.approx((60 * scale, 0), rel=0.05)


def test_two_trackers_share_nothing():
    first, second = Tracker(), Tracker()
    watch([lambda t: face(100)], 1, 10, first)
    (ids,) = watch([lambda t: face(300)], 1, 10, second)
    assert names(ids) == [1]


def test_a_thousand_detections_take_no_seconds():
    rng = np.random.default_rng(3)
    faces = [face(x, y, 20) for x, y in rng.uniform(0, 2000, (1000, 2))]
    tracker = Tracker()
    began = time.perf_counter()
    for frame in range(3):
        tracker.update(faces, frame / 10, start_score=START)
    assert (time.perf_counter() - began) / 3 < 1
