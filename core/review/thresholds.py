"""What an operating point does: who raises an alarm rightly or wrongly, who is missed, what that costs.

A face is positive when it should raise an alarm. One that is `cannot_tell` counts neither as an alarm nor as
none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.decision import OperatingPoint, properly_or_not
from core.metrics import area_under_roc, average_precision, named_at_thresholds, rate, wilson
from core.runs import OneVsRest

THRESHOLDS = np.arange(1, 100) / 100  # whole per cents, as people set them
_NONE, _ALARM, _CANNOT_TELL = range(3)
_Z_OF_TWO = 2.241403  # 97.5%: two such intervals hold together in at least 95% (Bonferroni)


@dataclass(frozen=True, slots=True)
class AlarmCounts:
    """What became of test faces; the last two are the faces that are `cannot_tell`.

    `precision` to `undecided` are hits of n.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    undecided_positives: int = 0
    undecided_negatives: int = 0

    @property
    def positives(self) -> int:
        return self.true_positives + self.false_negatives + self.undecided_positives

    @property
    def negatives(self) -> int:
        return self.true_negatives + self.false_positives + self.undecided_negatives

    @property
    def precision(self) -> tuple[int, int]:
        """Right alarms of all alarms."""
        return self.true_positives, self.true_positives + self.false_positives

    @property
    def recall(self) -> tuple[int, int]:
        """Alarms of the answered positives."""
        return self.true_positives, self.true_positives + self.false_negatives

    @property
    def false_alarm_rate(self) -> tuple[int, int]:
        """Alarms of the answered negatives."""
        return self.false_positives, self.false_positives + self.true_negatives

    @property
    def undecided(self) -> tuple[int, int]:
        """Those of all faces that are `cannot_tell`."""
        return self.undecided_positives + self.undecided_negatives, self.positives + self.negatives

    @property
    def balanced_accuracy(self) -> float:
        """Mean of recall and of 1 - false alarm rate, or the one of them that has faces."""
        known = [rate(*self.recall), 1 - rate(*self.false_alarm_rate)]
        known = [proportion for proportion in known if proportion == proportion]
        return sum(known) / len(known) if known else float("nan")


@dataclass(frozen=True, slots=True)
class PerThousand:
    """What 1,000 people of another mix may expect: NaN where the test had none of a kind that they have.

    `precision` is of their alarms, `precision_interval` holds it in at least 95%.
    """

    right_alarms: float
    false_alarms: float
    misses: float
    cannot_tell: float
    precision: float
    precision_interval: tuple[float, float]

    @property
    def alarms(self) -> float:
        return self.right_alarms + self.false_alarms


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdSweep:
    """ROC and precision-recall of one score: (T,) falling thresholds and who reaches them."""

    thresholds: np.ndarray
    true_positives: np.ndarray
    false_positives: np.ndarray
    positives: int
    negatives: int
    auc: float
    average_precision: float


def count_alarms(
    probabilities: np.ndarray, positive: np.ndarray, alarms: np.ndarray, point: OperatingPoint
) -> AlarmCounts:
    """What becomes of N faces: (N, C) probabilities, (N,) bool, (C,) bool of `alarm_classes`."""
    return _alarm_counts(np.bincount(_outcomes(probabilities, positive, alarms, point), minlength=6))


def count_alarms_by_group(
    group: np.ndarray,
    probabilities: np.ndarray,
    positive: np.ndarray,
    alarms: np.ndarray,
    point: OperatingPoint,
) -> dict[str, AlarmCounts]:
    """The same by (N,) texts `group`, worst balanced accuracy first; groups without any last."""
    names, place = np.unique(group, return_inverse=True)
    outcomes = _outcomes(probabilities, positive, alarms, point)
    table = np.bincount(place * 6 + outcomes, minlength=6 * len(names)).reshape(-1, 6)
    found = {str(name): _alarm_counts(row) for name, row in zip(names, table, strict=True)}
    worst = np.argsort([counts.balanced_accuracy for counts in found.values()], kind="stable")  # NaN is last
    return {name: found[name] for name in np.array(list(found))[worst].tolist()}


def _outcomes(
    probabilities: np.ndarray, positive: np.ndarray, alarms: np.ndarray, point: OperatingPoint
) -> np.ndarray:
    alarm, margin = properly_or_not(probabilities, alarms, point)
    said = np.where(margin < point.min_margin, _CANNOT_TELL, np.where(alarm, _ALARM, _NONE))
    return np.asarray(said + 3 * positive)


def _alarm_counts(outcomes: np.ndarray) -> AlarmCounts:
    negatives, positives = outcomes[:3].tolist(), outcomes[3:].tolist()
    return AlarmCounts(
        true_positives=positives[_ALARM],
        false_positives=negatives[_ALARM],
        false_negatives=positives[_NONE],
        true_negatives=negatives[_NONE],
        undecided_positives=positives[_CANNOT_TELL],
        undecided_negatives=negatives[_CANNOT_TELL],
    )


def per_thousand(counts: AlarmCounts, prevalence: float) -> PerThousand:
    """Expect of 1,000 people, a proportion `prevalence` of them positive, what the test's faces got.

    The precision's interval is that of the two rates it is made of, each at the end that is worse for it.
    """
    bad, good = 1000 * prevalence, 1000 * (1 - prevalence)

    def expected(of_bad: int, of_good: int) -> float:
        return _times(bad, of_bad, counts.positives) + _times(good, of_good, counts.negatives)

    found = wilson(counts.true_positives, counts.positives, _Z_OF_TWO)
    false = wilson(counts.false_positives, counts.negatives, _Z_OF_TWO)
    right, wrong = expected(counts.true_positives, 0), expected(0, counts.false_positives)
    return PerThousand(
        right_alarms=right,
        false_alarms=wrong,
        misses=expected(counts.false_negatives, 0),
        cannot_tell=expected(counts.undecided_positives, counts.undecided_negatives),
        precision=_proportion(right, wrong),
        precision_interval=(
            _proportion(bad * found[0], good * false[1]),
            _proportion(bad * found[1], good * false[0]),
        ),
    )


def _times(people: float, hits: int, n: int) -> float:
    """Nobody is nobody, also where the test had no such face."""
    return people * rate(hits, n) if people else 0.0


def _proportion(part: float, rest: float) -> float:
    return part / (part + rest) if part + rest else float("nan")


def threshold_sweep(score: np.ndarray, positive: np.ndarray, points: int = 500) -> ThresholdSweep:
    """Of (N,) scores and (N,) bool, thinned to `points` evenly over what they find; the areas are of all."""
    thresholds, true, false = named_at_thresholds(score, positive)
    kept = np.unique(
        np.concatenate([np.searchsorted(c, np.linspace(0, c[-1], points // 2)) for c in (true, false)])
    )
    return ThresholdSweep(
        thresholds=thresholds[kept],
        true_positives=true[kept],
        false_positives=false[kept],
        positives=int(positive.sum()),
        negatives=int((~positive).sum()),
        auc=area_under_roc(score, positive),
        average_precision=average_precision(score, positive),
    )


def stored_sweep(record: OneVsRest) -> ThresholdSweep:
    """A label against all others, as it was recorded."""
    points = [(p.threshold, p.true_positives, p.false_positives) for p in record.curve]
    thresholds, true, false = np.array(points, float).reshape(-1, 3).T
    return ThresholdSweep(
        thresholds, true, false, record.n, record.others, record.auc, record.average_precision
    )


def stored_counts(record: OneVsRest) -> dict[float, AlarmCounts]:
    """By recorded threshold, rising."""
    return {
        p.threshold: AlarmCounts(
            p.true_positives,
            p.false_positives,
            record.n - p.true_positives,
            record.others - p.false_positives,
        )
        for p in sorted(record.thresholds, key=lambda p: p.threshold)
    }


def costs(
    score: np.ndarray, positive: np.ndarray, prevalence: float, miss: float, false_alarm: float
) -> np.ndarray:
    """Expected cost per 1,000 people at each of `THRESHOLDS`, NaN where the test lacks a kind of them.

    All faces are answered here: `cannot_tell` has no price, so it would be the cheapest answer of all.
    """
    bad, good = np.sort(score[positive]), np.sort(score[~positive])
    missed = np.searchsorted(bad, THRESHOLDS, "left")
    alarmed = len(good) - np.searchsorted(good, THRESHOLDS, "left")
    total = np.zeros(len(THRESHOLDS))
    for price, people, hits, n in (
        (miss, 1000 * prevalence, missed, len(bad)),
        (false_alarm, 1000 * (1 - prevalence), alarmed, len(good)),
    ):
        if people:
            total += price * people * hits / n if n else np.nan
    return total


def cost(counts: AlarmCounts, prevalence: float, miss: float, false_alarm: float) -> float:
    """Expected cost per 1,000 people of one operating point."""
    people = per_thousand(counts, prevalence)
    return miss * people.misses + false_alarm * people.false_alarms


def cheapest(of_thresholds: np.ndarray) -> float:
    """The one of `THRESHOLDS` that costs least; of equally cheap ones the nearest to 50%."""
    ties = THRESHOLDS[np.isclose(of_thresholds, of_thresholds.min())]
    return float(ties[np.abs(ties - 0.5).argmin()])
