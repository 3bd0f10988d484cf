import math

import numpy as np
import pytest

from core.decision import OperatingPoint
from core.labels import MASK_3
from core.reasons import ADVICE
from core.video.voting import HALF_LIFE, HOLD, SETTLED_AFTER, Vote

WITH, WITHOUT = (0.9, 0.04, 0.06), (0.06, 0.04, 0.9)
ANY_MARGIN = OperatingPoint()


def measure(vote, measurements, fps=10.0, start=0.0, point=ANY_MARGIN):
    """Add measurements, each probabilities or a reason, one a frame. (time, answer) of each."""
    answers = []
    for frame, measured in enumerate(measurements):
        t = start + frame / fps
        failed = isinstance(measured, str)
        answer = vote.add(WITH if failed else measured, measured if failed else None, t, point=point)
        answers.append((t, answer))
    return answers


def said(answer):
    return answer.cannot_tell.reason if answer.cannot_tell else answer.prediction.label


@pytest.fixture
def vote():
    return Vote(MASK_3)


def test_the_first_reading_is_answered_at_once(vote):
    answer = vote.add(WITHOUT, None, 5.0, point=OperatingPoint(0.3))
    assert said(answer) == "without_mask"
    assert answer.prediction.probabilities == pytest.approx(WITHOUT)
    assert answer.prediction.operating_point.min_margin == 0.3
    assert (vote.measurements, vote.last) == (1, 5.0)


def test_a_reading_counts_half_after_its_half_life(vote):
    vote.add(WITH, None, 1.0, point=ANY_MARGIN)
    answer = vote.add((0.6, 0.3, 0.1), None, 1.0 + HALF_LIFE, point=ANY_MARGIN)
    expected = (np.array(WITH) / 2 + (0.6, 0.3, 0.1)) / 1.5
    assert answer.prediction.probabilities == pytest.approx(expected)


@pytest.mark.parametrize("fps", [5, 10, 30])
@pytest.mark.parametrize("odd", [WITHOUT, (0.4, 0.5, 0.1), "blurred"])
def test_one_odd_reading_changes_nothing(vote, fps, odd):
    answers = measure(vote, [WITH] * 2 * fps + [odd] + [WITH] * 2 * fps, fps, point=OperatingPoint(0.1))
    assert {said(answer) for _, answer in answers} == {"with_mask"}


@pytest.mark.parametrize("fps", [2, 10, 30])
@pytest.mark.parametrize("other", [(0.1, 0.04, 0.86), "blurred"])
def test_readings_that_flip_in_every_frame_do_not_flicker(vote, fps, other):
    answers = [said(answer) for _, answer in measure(vote, [WITH, other] * 5 * fps, fps)]
    assert set(answers) == {"with_mask"}


@pytest.mark.parametrize("fps", [5, 10, 30])
def test_a_change_shows_when_it_has_won_for_long_enough_and_not_later(vote, fps):
    measure(vote, [WITH] * 5 * fps, fps)
    answers = measure(vote, [WITHOUT] * 5 * fps, fps, start=5)
    labels = [said(answer) for _, answer in answers]
    changed = answers[labels.index("without_mask")][0] - 5
    # After one half-life the new measurements outweigh the old.
    assert HOLD <= changed <= HALF_LIFE + HOLD + 2 / fps
    assert labels == sorted(labels), "it changed more than once"


def test_another_answer_has_to_win_without_a_break(vote):
    measure(vote, [WITH] * 2)
    strong = (0.0, 0.0, 1.0)
    for start in (10, 20, 30):  # after so long the past weighs nothing
        assert said(measure(vote, [strong] * 3, start=start)[-1][1]) == "with_mask"
        assert vote.wavers
        assert said(measure(vote, [WITH] * 10, start=start + 0.3)[-1][1]) == "with_mask"
        assert not vote.wavers


def test_a_third_answer_starts_its_own_time(vote):
    measure(vote, [WITH])
    assert said(vote.add(WITHOUT, None, 10.0, point=ANY_MARGIN)) == "with_mask"
    assert said(vote.add(WITH, "dark", 20.0, point=ANY_MARGIN)) == "with_mask"
    assert said(vote.add(WITH, "dark", 20.01 + HOLD, point=ANY_MARGIN)) == "dark"


def test_readings_of_poor_quality_vote_for_what_to_do(vote):
    told = measure(vote, ["too_small"] * 2 + ["blurred"] * 10)[-1][1].cannot_tell
    assert (told.reason, told.advice) == ("blurred", ADVICE["blurred"])


def test_poor_quality_does_not_touch_the_probabilities(vote):
    clear = measure(vote, [WITHOUT] * 5)[-1][1]
    blurred = vote.add(WITH, "blurred", 0.5, point=ANY_MARGIN)
    assert blurred.prediction.probabilities == pytest.approx(clear.prediction.probabilities)


def test_poor_quality_for_good_takes_the_label_away_and_good_quality_brings_it_back(vote):
    measure(vote, [WITHOUT] * 20)
    assert said(measure(vote, ["dark"] * 20, start=2)[-1][1]) == "dark"
    assert said(measure(vote, [WITHOUT] * 20, start=4)[-1][1]) == "without_mask"


def test_an_unclear_mean_cannot_be_told(vote):
    unclear = (0.55, 0.1, 0.35)
    assert said(vote.add(unclear, None, 0, point=OperatingPoint(0.2))) == "low_margin"
    assert said(Vote(MASK_3).add(unclear, None, 0, point=OperatingPoint(0.05))) == "with_mask"


def test_ways_that_take_turns_are_one_steady_answer(vote):
    """Worn incorrectly in one frame and no mask in the next: neither, but surely not worn properly."""
    wrong, bare = (0.0, 0.9, 0.1), (0.0, 0.1, 0.9)
    answers = measure(vote, [bare, wrong] * 20, point=OperatingPoint(0.4))
    assert {answer.prediction.answer for t, answer in answers if t >= 2} == {"not_properly"}
    assert not any(answer.cannot_tell for _, answer in answers)
    assert not vote.wavers


def test_readings_that_contradict_each_other_are_unclear(vote):
    """Each is sure; together they tell nothing, which no single measurement could show."""
    answer = measure(vote, [WITH, WITH, WITHOUT, WITHOUT] * 10, 30, point=OperatingPoint(0.4))[-1][1]
    assert said(answer) == "low_margin"


def test_an_answer_settles_and_a_new_one_settles_anew(vote):
    assert not vote.settled(100)
    measure(vote, [WITH] * 10)
    assert not vote.settled(SETTLED_AFTER - 0.01)
    assert vote.settled(SETTLED_AFTER)
    answers = measure(vote, [WITHOUT] * 30, start=10)
    changed = next(t for t, answer in answers if said(answer) == "without_mask")
    assert not vote.settled(changed + SETTLED_AFTER - 0.01)
    assert vote.settled(changed + SETTLED_AFTER)


def test_a_doubt_that_passes_does_not_unsettle(vote):
    measure(vote, [WITH] * 10)
    measure(vote, [WITHOUT] * 2 + [WITH] * 10, start=1)
    assert vote.settled(2.2)


def test_nothing_was_read_at_first(vote):
    assert (vote.measurements, vote.last, vote.wavers) == (0, -math.inf, False)


@pytest.mark.parametrize("times", [[1.0] * 5, [1.0, 0.9, 1.0, 0.5, 1.1], [0.0, 1e9, 2e9]])
def test_time_may_stand_still_step_back_or_jump(vote, times):
    for t in times:
        answer = vote.add(WITH, None, t, point=OperatingPoint(0.3))
        assert answer.prediction.probabilities == pytest.approx(WITH)
        assert answer.cannot_tell is None


def test_a_clock_that_steps_back_gives_the_past_no_more_weight(vote):
    vote.add(WITH, None, 100.0, point=ANY_MARGIN)
    weaker = (0.2, 0.1, 0.7)
    answer = vote.add(weaker, None, 90.0, point=ANY_MARGIN)
    assert answer.prediction.probabilities == pytest.approx(np.mean([WITH, weaker], axis=0))


def test_people_share_no_votes(vote):
    measure(vote, [WITH] * 20)
    assert said(Vote(MASK_3).add(WITHOUT, None, 2, point=ANY_MARGIN)) == "without_mask"


def test_two_readings_settle_nothing_however_long_ago(vote):
    vote.add((0.9, 0.05, 0.05), None, 0.0, point=OperatingPoint(0.2))
    vote.add((0.9, 0.05, 0.05), None, 0.1, point=OperatingPoint(0.2))
    assert not vote.settled(5.0)
    vote.add((0.9, 0.05, 0.05), None, 5.0, point=OperatingPoint(0.2))
    assert vote.settled(5.0)


def test_an_answer_that_is_losing_is_not_settled(vote):
    measure(vote, [(0.9, 0.05, 0.05)] * 20)
    assert vote.settled(2.0)
    measure(vote, [(0.0, 0.0, 1.0)] * 2, fps=1, start=3.0)
    assert vote.wavers and not vote.settled(4.0)
