"""From probabilities to an answer: the alarm threshold and the least margin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.labels import appearance


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """How probabilities become an answer.

    A margin below `min_margin` is `cannot_tell`. `alarm_threshold`: the face is named by one of the labels
    that raise an alarm as soon as these have so much of the probability together, else by one of the
    others; None names the most probable label of all.
    """

    min_margin: float = 0.0
    alarm_threshold: float | None = None

    def __str__(self) -> str:
        alarm = self.alarm_threshold
        rule = "the most probable label" if alarm is None else f"an alarm from {alarm:.0%}"
        return f"{rule}, a lead of {self.min_margin * 100:.0f} points or more"


def alarm_classes(labels: Iterable[str]) -> np.ndarray:
    """(C,) bool: which labels raise an alarm, being a mask worn wrongly or not at all.

    All False where that is not known of every label, or where it is so of none or of all of them.
    """
    worn = [appearance(label).worn for label in labels]
    alarms = np.array([w in ("wrongly", "not") for w in worn])
    return alarms if None not in worn and not alarms.all() else np.zeros(len(worn), bool)


def alarm_probability(probabilities: np.ndarray, alarms: np.ndarray) -> np.ndarray:
    """(N,) the part of the probability (N, C) that raises an alarm; `alarms` is of `alarm_classes`."""
    return np.asarray(np.clip(probabilities[:, alarms].sum(axis=1), 0, 1))


def decide(
    probabilities: np.ndarray, alarms: np.ndarray, point: OperatingPoint
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) class index of the answer and (N,) its margin, of (N, C) probabilities; `alarms`: `alarm_classes`.

    Without a threshold the margin is that of the most probable label over the next. With one it is that of
    alarm over no alarm, or the reverse, after both are weighed so that they are even at the threshold.
    """
    threshold = point.alarm_threshold
    if threshold is None or not alarms.any():
        second, best = np.partition(probabilities, -2, axis=1)[:, -2:].T
        return probabilities.argmax(axis=1), best - second
    probability = alarm_probability(probabilities, alarms)
    alarm = probability >= threshold
    class_index = np.where(alarm[:, None] == alarms, probabilities, -1).argmax(axis=1)
    weighed, other = probability * (1 - threshold), (1 - probability) * threshold
    return class_index, abs(weighed - other) / (weighed + other)
