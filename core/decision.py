"""From probabilities to an answer, in two steps: is the mask worn properly or not; then how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.labels import appearance, wearing_of


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """How probabilities become an answer.

    A face is named "not worn properly" when the labels that mean so have `alarm_threshold` of the probability
    together; None is a half. With a margin below `min_margin` it is `cannot_tell`. Of the ways of not wearing
    it properly one is told where it leads by `min_margin` of what all of them have together.
    """

    min_margin: float = 0.0
    alarm_threshold: float | None = None

    def __str__(self) -> str:
        alarm = self.alarm_threshold
        rule = "the more probable answer" if alarm is None else f"an alarm from {alarm:.0%}"
        return f"{rule}, a lead of {self.min_margin * 100:.0f} points or more"


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """Answers to N faces.

    class_index  (N,) of the label named
    margin       (N,) by which the first step leads, 0 to 1: below the least margin it is `cannot_tell`
    between      of each, the ways of not wearing it properly that are too even to name one of them, the most
                 probable first: labels without their gender. Empty where it is clear
    """

    class_index: np.ndarray
    margin: np.ndarray
    between: tuple[tuple[str, ...], ...]


def alarm_classes(labels: Iterable[str]) -> np.ndarray:
    """(C,) bool: which labels raise an alarm, being a mask worn wrongly or not at all.

    All False where that is not known of every label, or where it is so of none or of all of them.
    """
    worn = [appearance(label).worn for label in labels]
    alarms = np.array([w != "properly" for w in worn])
    return alarms if None not in worn and not alarms.all() else np.zeros(len(worn), bool)


def alarm_probability(probabilities: np.ndarray, alarms: np.ndarray) -> np.ndarray:
    """(N,) the part of the probability (N, C) that raises an alarm; `alarms` is of `alarm_classes`."""
    return np.asarray(np.clip(probabilities[:, alarms].sum(axis=1), 0, 1))


def properly_or_not(
    probabilities: np.ndarray, alarms: np.ndarray, point: OperatingPoint
) -> tuple[np.ndarray, np.ndarray]:
    """The first step, of (N, C) probabilities: (N,) bool, an alarm or none, and (N,) its margin.

    The margin is that of alarm over no alarm, or the reverse, after both are weighed so that they are even at
    the threshold; without one that is a half. `alarms` is of `alarm_classes`, with some of both.
    """
    threshold = 0.5 if point.alarm_threshold is None else point.alarm_threshold
    probability = alarm_probability(probabilities, alarms)
    weighed = probability * (1 - threshold)
    other = alarm_probability(probabilities, ~alarms) * threshold
    return probability >= threshold, abs(weighed - other) / (weighed + other)


def decide(probabilities: np.ndarray, labels: Iterable[str], point: OperatingPoint) -> Decisions:
    """Answers in steps: worn properly or not; then how; then the gender, for labels that name it.

    `probabilities` is (N, C) in the order of `labels`. Each step keeps to what the one before named, and has
    the sums over all that it does not ask about. Only the first can make a face `cannot_tell`. Where labels
    do not say whether a mask is worn properly, the margin is that of the most probable over the next.
    """
    known = _known(tuple(labels))
    of_wearing = probabilities @ known.members
    allowed = np.ones(of_wearing.shape, bool)
    even = np.zeros(of_wearing.shape, bool)
    if known.alarms.any():
        alarm, margin = properly_or_not(probabilities, known.alarms, point)
        allowed = alarm[:, None] == (known.alarms @ known.members > 0)
        inside = np.where(allowed, of_wearing, 0)
        behind = inside.max(axis=1, keepdims=True) - inside
        needed = point.min_margin * inside.sum(axis=1, keepdims=True)
        even = allowed & alarm[:, None] & (behind < needed)
    else:  # labels of one wearing can only be told apart by the rest of what they say
        second, best = np.partition(of_wearing if len(known.wearings) > 1 else probabilities, -2)[:, -2:].T
        margin = best - second
    wearing = np.where(allowed, of_wearing, -1).argmax(axis=1)
    class_index = np.where(known.members.T[wearing] > 0, probabilities, -1).argmax(axis=1)
    between: list[tuple[str, ...]] = [()] * len(margin)
    for row in np.flatnonzero(even.sum(axis=1) > 1):
        order = np.argsort(-of_wearing[row], kind="stable")
        between[row] = tuple(known.wearings[i] for i in order if even[row, i])
    return Decisions(class_index, margin, tuple(between))


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What C labels say of W wearings: `members` (C, W) is 1 where a label means a wearing."""

    alarms: np.ndarray
    wearings: tuple[str, ...]
    members: np.ndarray


@lru_cache(maxsize=64)  # asked for each face anew
def _known(labels: tuple[str, ...]) -> _Known:
    wearings = tuple(dict.fromkeys(map(wearing_of, labels)))
    members = np.array([[wearing_of(label) == wearing for wearing in wearings] for label in labels], float)
    return _Known(alarm_classes(labels), wearings, members)
