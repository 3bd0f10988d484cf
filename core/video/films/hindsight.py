"""What a person's answer was at each moment of a film: from what was measured before and after it.

Live video can only look back, so a mask that is taken off shows a second late there. A film tells what comes
next: measurements count by their distance in time, to either side.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

import numpy as np

from core.decision import OperatingPoint
from core.labels import LabelSet
from core.video.voting import HALF_LIFE, Answer, answer_of

LOOK_AHEAD = 2 * HALF_LIFE  # seconds after a moment that still count for it
_KEPT = 4 * HALF_LIFE


@dataclass(frozen=True, slots=True)
class Measurement:
    """One look at a face, `t` seconds into the film; `reason` is why it tells nothing, if it does not."""

    t: float
    probabilities: tuple[float, ...]
    reason: str | None
    subtypes: dict[str, float]
    not_a_face: float


class HindsightVote:
    """The measurements of one person."""

    def __init__(self, labels: LabelSet, point: OperatingPoint) -> None:
        self._labels, self._point = labels, point
        self._all: deque[Measurement] = deque()
        self.count = 0

    def add(self, measurement: Measurement) -> None:
        self._all.append(measurement)
        self.count += 1

    @property
    def last(self) -> Measurement | None:
        return self._all[-1] if self._all else None

    @property
    def wavers(self) -> bool:
        """Whether the last two measurements do not say the same."""
        if len(self._all) < 2:
            return True
        a, b = self._all[-2], self._all[-1]
        return a.reason != b.reason or np.argmax(a.probabilities) != np.argmax(b.probabilities)

    def at(self, t: float) -> tuple[Answer, float]:
        """The answer at `t`, and how probable it is that there is no face. Forgets what is too old for both.

        Only for a person who was measured. Times must not go back.
        """
        while len(self._all) > 1 and self._all[0].t < t - _KEPT:
            self._all.popleft()
        weights = [0.5 ** (abs(m.t - t) / HALF_LIFE) for m in self._all]
        total = sum(weights)
        mean = np.zeros(len(self._labels))
        told = 0.0
        reasons: dict[str, float] = defaultdict(float)
        subtypes: dict[str, float] = defaultdict(float)
        for m, w in zip(self._all, weights, strict=True):
            if m.reason is not None:
                reasons[m.reason] += w
                continue
            told += w
            mean += w * np.array(m.probabilities)
            for subtype, p in m.subtypes.items():
                subtypes[subtype] += w * p
        nearest = self._all[int(np.argmax(weights))].probabilities
        answer = answer_of(self._labels, mean, told, reasons, subtypes, nearest, self._point)
        return answer, sum(w * m.not_a_face for m, w in zip(self._all, weights, strict=True)) / total
