"""Drawn people: a face is a square whose colour is its wearing, red for a mask, blue for none."""

import math

import numpy as np
import pytest

from core.classification.classifier import Classifier
from core.decision import OperatingPoint
from core.labels import DEPICTION, MASK_2, MASK_3, NOT_A_FACE, LabelSet
from core.models.card import QualityThresholds, Threshold
from core.pipeline import Pipeline
from core.results import Detection, Frame
from core.video.analysis import (
    COARSE_PASS_SIDE,
    FINE_PASS_SIDE,
    FIRST_MEASUREMENTS,
    RECLASSIFY_AFTER,
    LiveAnalysis,
)
from core.video.voting import HOLD, SETTLED_AFTER, Vote
from tests.counting_engine import CountingEngine
from tests.toy_card import toy_card

RED, GREEN, BLUE = (200, 20, 20), (20, 200, 20), (20, 20, 200)
LIMITS = {"min_face_px": 20, "min_margin": 0.3}


class Scripted:
    """Finds whatever faces the test put in `faces`, and remembers how it was asked."""

    name = "scripted"
    operating_point, live_operating_point = 0.9, 0.5

    def __init__(self):
        self.faces, self.asked = [], []

    def detect(self, frame, min_score=None, *, longest_side=None):
        self.asked.append((min_score, longest_side))
        return tuple(Detection(box, score, self.name) for box, score in self.faces if score >= min_score)


class World:
    """A camera, the people before it, and the analysis of its pictures at `fps`."""

    def __init__(self, *, labels=MASK_3, classes=None, fps=10, size=(320, 240), **limits):
        limits = LIMITS | limits
        quality = QualityThresholds(
            **{
                name: Threshold(value=limits.get(name, 0), reason="a test")
                for name in QualityThresholds.model_fields
                if name.startswith("min_")
            }
        )
        card = toy_card(labels, classes, quality=quality)
        self.detector, self.engine = Scripted(), CountingEngine()
        self.analysis = LiveAnalysis(Pipeline(self.detector, Classifier(card, self.engine)))
        self.fps, self.size, self.t = fps, size, 100.0

    def frame(self, *people):
        """Analyse one picture of people, each (x, y, side, colour) and a score if it is not 0.9."""
        rgb = np.full((self.size[1], self.size[0], 3), 90, np.uint8)
        self.detector.faces = []
        for x, y, side, colour, *score in people:
            rgb[y : y + side, x : x + side] = colour
            self.detector.faces.append(((x, y, x + side, y + side), *(score or [0.9])))
        self.t += 1 / self.fps
        return self.analysis.analyse(Frame(rgb), self.t)

    def watch(self, seconds, *people):
        return [self.frame(*people) for _ in range(round(seconds * self.fps))]


def answers(analysis):
    return {person.face.track_id: person.face.answer for person in analysis.people}


ONE, TWO = (40, 40, 60, RED), (200, 60, 60, BLUE)


def test_each_person_has_an_id_and_an_answer_of_their_own():
    last = World().watch(1, ONE, TWO)[-1]
    assert answers(last) == {1: "with_mask", 2: "without_mask"}
    first, second = last.people
    assert first.face.detection.box == (40, 40, 100, 100) and first.track.id == 1
    assert second.face.prediction.by_label["without_mask"] == pytest.approx(201 / 243, rel=1e-3)
    assert (last.width, last.height) == (320, 240)


def test_the_first_answer_comes_with_the_second_picture():
    world = World()
    assert world.frame(ONE).people == ()
    assert answers(world.frame(ONE)) == {1: "with_mask"}


def test_what_a_picture_costs_is_told_by_stage():
    world = World()
    analysis = world.watch(0.2, ONE)[-1]
    assert analysis.at == world.t
    assert set(analysis.ms) == {"detect", "track", "classify"} and min(analysis.ms.values()) >= 0
    assert analysis.classified == 1


def test_no_face_costs_no_call_of_the_network():
    world = World()
    last = world.watch(1)[-1]
    assert (last.people, last.classified, world.engine.batches) == ((), 0, [])


def test_all_faces_that_are_due_go_in_one_call():
    world = World()
    world.watch(0.2, ONE, TWO)
    assert world.engine.batches == [(2, 32, 32, 3)]


def test_the_detector_makes_a_fast_pass_below_its_operating_point():
    world = World()
    world.frame(ONE)
    ((score, side),) = world.detector.asked
    assert 0 < score < Scripted.live_operating_point and side == FINE_PASS_SIDE


@pytest.mark.parametrize(("side", "coarse"), [(60, True), (20, False)])
def test_most_frames_get_a_coarse_pass_unless_somebody_is_too_small_for_it(side, coarse):
    world = World(fps=30, size=(640, 480))
    world.watch(1, (40, 40, side, RED))
    sides = [longest_side for _, longest_side in world.detector.asked[6:]]
    fine = [frame for frame, longest_side in enumerate(sides) if longest_side == FINE_PASS_SIDE]
    assert set(sides) == ({FINE_PASS_SIDE, COARSE_PASS_SIDE} if coarse else {FINE_PASS_SIDE})
    if coarse:
        assert set(np.diff(fine)) <= {9, 10}


def test_a_weak_face_continues_a_person_and_starts_none():
    world, weak = World(), (*ONE, 0.4)
    assert all(analysis.people == () for analysis in world.watch(1, weak))
    world.watch(0.5, ONE)
    assert all(answers(analysis) == {1: "with_mask"} for analysis in world.watch(1, weak))


@pytest.mark.parametrize("fps", [10, 30])
def test_a_known_face_is_read_only_now_and_then(fps):
    world = World(fps=fps)
    world.watch(1, ONE)
    classified = [frame for frame, analysis in enumerate(world.watch(6, ONE)) if analysis.classified]
    gaps = np.diff(classified) / fps
    assert (gaps >= RECLASSIFY_AFTER - 1e-6).all() and (gaps <= RECLASSIFY_AFTER + 1.01 / fps).all()


def test_a_new_face_is_read_in_every_picture_at_first():
    classified = [analysis.classified for analysis in World(fps=30).watch(0.3, ONE)]
    assert classified == [0] + [1] * FIRST_MEASUREMENTS + [0] * 4


def test_a_face_whose_answer_wavers_is_read_more_often():
    world = World(fps=30)
    world.watch(3, ONE)
    calm = sum(analysis.classified for analysis in world.watch(1, ONE))
    changing = sum(analysis.classified for analysis in world.watch(1, (*ONE[:3], BLUE)))
    assert changing >= 1.5 * calm


@pytest.mark.parametrize("fps", [5, 10, 30])
def test_a_mask_that_is_pulled_down_shows_soon_and_for_good(fps):
    world = World(fps=fps, min_margin=0.2)
    world.watch(4, ONE)
    told = [answers(analysis)[1] for analysis in world.watch(3, (*ONE[:3], BLUE))]
    changes = [told[i] for i in range(len(told)) if i == 0 or told[i] != told[i - 1]]
    assert changes == ["with_mask", "without_mask"]
    assert HOLD < told.index("without_mask") / fps < 1.5


@pytest.mark.parametrize("fps", [3, 10, 30])
def test_an_answer_that_flips_in_every_picture_is_not_shown_flipping(fps):
    world = World(fps=fps)
    world.watch(1, ONE)
    told = {
        answers(world.frame((*ONE[:3], RED if frame % 2 else BLUE)))[1] for frame in range(round(5 * fps))
    }
    assert "without_mask" not in told and len(told) <= 2  # at most it becomes unclear


def test_an_answer_settles():
    world = World(fps=20)
    seen = [(world.t, analysis) for analysis in world.watch(2, ONE)]
    settled = [analysis.people[0].settled for _, analysis in seen if analysis.people]
    assert settled == sorted(settled)
    assert settled.index(True) / world.fps == pytest.approx(SETTLED_AFTER, abs=0.06)


def test_a_face_of_poor_quality_is_told_what_to_do():
    world = World()
    last = world.watch(1, (40, 40, 16, RED), TWO)[-1]
    assert last.people[0].face.cannot_tell.reason == "too_small"
    assert answers(last) == {1: "cannot_tell", 2: "without_mask"}


def test_the_operating_point_may_be_chosen_anew_in_each_picture():
    world = World()
    world.watch(1, ONE)
    frame = Frame(np.full((240, 320, 3), RED, np.uint8))
    for step in range(1, 20):
        analysis = world.analysis.analyse(frame, world.t + step / 10, point=OperatingPoint(0.99))
    (person,) = analysis.people
    assert person.face.cannot_tell.reason == "low_margin"
    assert person.face.prediction.operating_point.min_margin == 0.99


def test_a_person_lost_for_a_moment_keeps_id_answer_and_measurements():
    world = World(fps=10)
    world.watch(2, ONE)
    gone = [answers(analysis) for analysis in world.watch(1)]
    assert gone[0] == {1: "with_mask"} and gone[-1] == {}
    found = world.frame(ONE)
    assert answers(found) == {1: "with_mask"} and found.people[0].settled
    assert sum(analysis.classified for analysis in world.watch(0.2, ONE)) == 0  # as known


@pytest.mark.parametrize("fps", [1, 1.5])
def test_who_is_in_every_picture_is_one_person_however_slowly_pictures_come(fps):
    world = World(fps=fps)
    world.watch(4, ONE)
    seen = [*world.watch(4, (*ONE[:3], BLUE)), *world.watch(4, ONE)]  # a mask is taken off, and put on
    assert {id_ for analysis in seen for id_ in answers(analysis)} == {1}


def test_a_face_that_the_detector_misses_for_a_frame_does_not_blink():
    world = World(fps=10)
    world.watch(1, ONE)
    assert answers(world.frame()) == answers(world.frame(ONE)) == {1: "with_mask"}


def test_who_leaves_while_their_face_could_not_be_read_is_forgotten_quietly():
    world = World(fps=10)
    world.analysis._votes[7] = None  # as when the network failed at a first measurement
    assert world.frame().people == ()
    assert world.analysis._votes == {}


def test_a_person_who_comes_back_much_later_is_new_and_read_anew():
    world = World()
    world.watch(2, ONE)
    world.watch(5)
    (back,) = [answers(analysis) for analysis in world.watch(0.2, (*ONE[:3], BLUE))][1:]
    assert back == {2: "without_mask"}


def test_nothing_is_kept_of_people_who_left():
    world = World(size=(1000, 240))
    for visit in range(20):
        world.watch(0.3, (10 + 40 * visit, 40, 60, RED))
        world.watch(2.2)
    assert world.analysis._votes == world.analysis._answers == {}


def test_people_who_move_keep_their_own_answers():
    world = World(size=(640, 240))
    for step in range(30):
        analysis = world.frame((10 + 15 * step, 40, 60, RED), (560 - 15 * step, 140, 60, BLUE))
    assert answers(analysis) == {1: "with_mask", 2: "without_mask"}


@pytest.mark.parametrize("scale", [0.5, 2])
def test_video_that_changes_its_size_changes_nobody(scale):
    world = World()
    world.watch(2, ONE, TWO)
    world.size = tuple(round(side * scale) for side in world.size)
    smaller = [(*(round(v * scale) for v in person[:3]), person[3]) for person in (ONE, TWO)]
    for analysis in world.watch(1, *smaller):
        assert answers(analysis) == {1: "with_mask", 2: "without_mask"}
        assert (analysis.width, analysis.height) == world.size


def test_a_face_between_pictures_is_where_its_speed_takes_it():
    world = World()
    for step in range(30):
        analysis = world.frame((10 + 5 * step, 40, 60, RED))
    (person,) = analysis.people
    moved = person.face_at(world.t + 0.1)
    assert moved.detection.box == pytest.approx((160, 40, 220, 100), abs=0.5)
    assert (moved.answer, moved.track_id) == ("with_mask", 1)
    assert person.face_at(world.t) == person.face
    assert person.face_at(math.inf).detection.box[0] < 180  # a guess does not fly away


def test_an_error_of_the_network_loses_nobody():
    world = World()
    world.watch(0.6, ONE)
    run, world.engine.run = world.engine.run, None
    with pytest.raises(TypeError):
        world.watch(1, ONE, TWO)
    world.engine.run = run
    assert answers(world.watch(0.2, ONE, TWO)[-1]) == {1: "with_mask", 2: "without_mask"}


def test_a_label_set_of_ones_own():
    own = LabelSet("own", ("helmet", "cap", "bare"))
    assert answers(World(labels=own).watch(0.5, (*ONE[:3], GREEN))[-1]) == {1: "cap"}


REFUSING = {"labels": MASK_2, "classes": ("with_mask", "without_mask", NOT_A_FACE)}  # BLUE is no face


def test_what_is_no_face_is_not_there():
    world = World(**REFUSING)
    assert answers(world.watch(0.5, ONE, TWO)[-1]) == {1: "with_mask"}
    blinks = [*world.watch(0.2, (*ONE[:3], BLUE), TWO), *world.watch(1, ONE, TWO)]
    assert all(
        answers(analysis) == {1: "with_mask"} for analysis in blinks
    )  # one bad look makes nobody vanish


def test_a_drawing_is_not_judged():
    world = World(labels=MASK_2, classes=("with_mask", "without_mask", DEPICTION))
    (person,) = world.watch(1, TWO)[-1].people
    assert person.face.answer == "cannot_tell" and person.face.cannot_tell.reason == DEPICTION


def test_how_a_mask_is_worn_wrongly_is_voted_on():
    vote = Vote(MASK_3)
    for i, subtypes in enumerate(({"nose_out": 0.9}, {"nose_out": 0.8}, {"elsewhere": 0.9, "nose_out": 0.1})):
        answer = vote.add((0.1, 0.8, 0.1), None, i / 10, point=OperatingPoint(), subtypes=subtypes)
    assert answer.prediction.subtype == "nose_out"
    assert 0.5 < answer.prediction.subtypes["nose_out"] < 0.6  # the newest counts most


def test_another_model_reads_everybody_anew_and_they_keep_their_ids():
    own = LabelSet("own", ("helmet", "cap", "bare"))
    world, other = World(), World(labels=own)
    world.watch(2, (*ONE[:3], GREEN), TWO)
    world.analysis.use(Pipeline(world.detector, other.analysis.pipeline.classifier))
    analysis = world.frame((*ONE[:3], GREEN), TWO)
    assert answers(analysis) == {1: "cap", 2: "bare"} and analysis.classified == 2
    assert not any(person.settled for person in analysis.people)
    assert len(other.engine.batches) == 1


def test_another_model_does_not_know_whom_the_last_one_lost():
    own = LabelSet("own", ("helmet", "cap", "bare"))
    world = World()
    world.watch(2, ONE)
    world.watch(0.5)
    world.analysis.use(Pipeline(world.detector, World(labels=own).analysis.pipeline.classifier))
    world.watch(0.5)
    assert answers(world.frame(ONE)) == {1: "helmet"}


def test_the_same_model_again_changes_nothing():
    world = World()
    world.watch(2, ONE)
    calm = world.analysis.pipeline
    world.analysis.use(Pipeline(calm.detector, calm.classifier))
    (person,) = world.frame(ONE).people
    assert person.settled and person.face.answer == "with_mask"


def test_a_clock_that_stands_still_or_steps_back_breaks_nothing():
    world = World()
    for back in (0, 0, 0.1, 0.25, 0, 0.1, 0.3):
        world.t -= back
        analysis = world.frame(ONE)
    assert answers(analysis) == {1: "with_mask"}
    assert np.isfinite(analysis.people[0].face.prediction.probabilities).all()


def test_two_viewers_of_one_pipeline_share_no_people():
    world = World()
    world.watch(1, ONE)
    other = LiveAnalysis(world.analysis.pipeline)
    world.detector.faces = [((200, 60, 260, 120), 0.9)]
    frame = Frame(np.full((240, 320, 3), BLUE, np.uint8))
    assert [answers(other.analyse(frame, t)) for t in (0.0, 0.1)] == [{}, {1: "without_mask"}]
    assert answers(world.frame(ONE)) == {1: "with_mask"}


def test_a_crowd_of_a_thousand():
    world = World(size=(1600, 1600))
    crowd = [(50 * (i % 32), 50 * (i // 32), 24, (RED, BLUE)[i % 2]) for i in range(1000)]
    last = world.watch(0.2, *crowd)[-1]
    assert len(last.people) == last.classified == 1000
    assert [*answers(last).values()].count("with_mask") == 500
