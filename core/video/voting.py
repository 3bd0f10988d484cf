"""One answer a person from many measurements: a vote over time, which does not flicker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from core.decision import OperatingPoint
from core.labels import NOT_PROPERLY, LabelSet, wearing_of
from core.reasons import ADVICE, LOW_MARGIN
from core.results import CannotTell, Prediction

HALF_LIFE = (
    0.6  # seconds after which a measurement counts half: a mask pulled down shows in 1.0 s, at most 1.3
)
HOLD = 0.4  # seconds for which another answer must win before it is shown
SETTLED_AFTER = 0.5  # seconds for which an answer stands before it is worth writing down
SETTLED_MEASUREMENTS = 3  # and so often it was measured
_FAINT = 1e-6  # weight below which measurements are too old to count at all


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said of a person now. `cannot_tell` is why not, as in `core.results.FaceResult`."""

    prediction: Prediction
    cannot_tell: CannotTell | None

    def agrees(self, other: Answer) -> bool:
        if self.cannot_tell or other.cannot_tell:
            return self.cannot_tell == other.cannot_tell
        return self.prediction.answer == other.prediction.answer

    def contradicts(self, other: Answer) -> bool:
        """Whether both tell how a mask is worn, and not the same: rather of two people than of one."""
        if self.cannot_tell or other.cannot_tell:
            return False
        said = {wearing_of(answer.prediction.answer) for answer in (self, other)}
        if NOT_PROPERLY in said:
            return self.prediction.worn_properly != other.prediction.worn_properly
        return len(said) > 1


class Vote:
    """The measurements of one person's face.

    They count less with age (an exponential moving average of calibrated probabilities). Those that fail the
    quality gate vote for their reason instead of a label, all of them for whether it is a face at all. The
    answer on show changes only when another one has won for `HOLD` seconds without a break.
    """

    def __init__(self, labels: LabelSet) -> None:
        self._labels = labels
        self._probabilities = np.zeros(len(labels))
        self._weight = 0.0
        self._reasons: dict[str, float] = defaultdict(float)
        self._subtypes: dict[str, float] = defaultdict(float)
        self._not_a_face = 0.0
        self._last = -np.inf
        self._shown: Answer | None = None
        self._since = np.inf
        self._challenged: tuple[Answer, float] | None = None
        self.measurements = 0

    @property
    def last(self) -> float:
        """Time of the last measurement, seconds of the caller's clock; -inf before the first."""
        return float(self._last)

    @property
    def wavers(self) -> bool:
        """Whether another answer is winning just now."""
        return self._challenged is not None

    @property
    def not_a_face(self) -> float:
        """How probable it is that there is no face, 0 before the first measurement."""
        return self._not_a_face / max(self._weight + sum(self._reasons.values()), _FAINT)

    def add(
        self,
        probabilities: tuple[float, ...],
        reason: str | None,
        t: float,
        *,
        point: OperatingPoint,
        subtypes: Mapping[str, float] = MappingProxyType({}),
        not_a_face: float = 0.0,
    ) -> Answer:
        """Count a measurement of `t` seconds, `reason` being why it tells nothing, and answer."""
        fade = 0.5 ** (max(0.0, t - self._last) / HALF_LIFE) if self.measurements else 0.0
        self._probabilities *= fade
        self._weight *= fade
        self._not_a_face = self._not_a_face * fade + not_a_face
        for weights in (self._reasons, self._subtypes):
            for known in weights:
                weights[known] *= fade
        if reason is None:
            self._probabilities += probabilities
            self._weight += 1
            for subtype, p in subtypes.items():
                self._subtypes[subtype] += p
        else:
            self._reasons[reason] += 1
        self._last = t
        self.measurements += 1
        return self._show(self._winner(probabilities, point), t)

    def settled(self, t: float) -> bool:
        """Whether the answer on show has stood long enough to be written down."""
        stands = self._shown is not None and t - self._since >= SETTLED_AFTER
        return stands and self.measurements >= SETTLED_MEASUREMENTS and not self.wavers

    def _winner(self, latest: tuple[float, ...], point: OperatingPoint) -> Answer:
        return answer_of(
            self._labels, self._probabilities, self._weight, self._reasons, self._subtypes, latest, point
        )

    def _show(self, winner: Answer, t: float) -> Answer:
        if self._shown is None:
            self._shown, self._since = winner, t
        elif winner.agrees(self._shown):
            self._shown, self._challenged = winner, None
        elif self._challenged is None or not winner.agrees(self._challenged[0]):
            self._challenged = winner, t
        elif t - self._challenged[1] >= HOLD:
            self._shown, self._since, self._challenged = winner, t, None
        return self._shown


def answer_of(
    labels: LabelSet,
    probabilities: np.ndarray,
    weight: float,
    reasons: Mapping[str, float],
    subtypes: Mapping[str, float],
    latest: tuple[float, ...],
    point: OperatingPoint,
) -> Answer:
    """What weighed measurements say together.

    `probabilities` (L,) and `subtypes` are sums over those that tell something, `weight` the sum of their
    weights, `reasons` that of the others by why they do not. `latest` is said where none tells anything.
    """
    mean, means = latest, {}
    if weight > _FAINT:
        mean = tuple(probabilities / weight)
        means = {subtype: p / weight for subtype, p in subtypes.items()}
    prediction = Prediction(labels, tuple(map(float, mean)), point, means)
    reason = None
    if sum(reasons.values()) > weight:
        reason = max(reasons, key=reasons.__getitem__)
    elif prediction.margin < point.min_margin:
        reason = LOW_MARGIN
    return Answer(prediction, CannotTell(reason, ADVICE[reason]) if reason else None)
