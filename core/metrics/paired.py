"""Two models on the same faces: whether one is right more often than the other, and by how much."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.metrics.intervals import rate, wilson


@dataclass(frozen=True, slots=True)
class PairedCounts:
    """Faces by which of two models, A and B, is right on them. Rates are NaN without faces."""

    both: int
    only_a: int
    only_b: int
    neither: int

    @property
    def n(self) -> int:
        return self.both + self.only_a + self.only_b + self.neither

    @property
    def hits_a(self) -> int:
        return self.both + self.only_a

    @property
    def hits_b(self) -> int:
        return self.both + self.only_b

    @property
    def difference(self) -> float:
        """Proportion that B is right on, less that of A."""
        return rate(self.hits_b, self.n) - rate(self.hits_a, self.n)

    @property
    def interval(self) -> tuple[float, float]:
        """95% interval of the difference by Newcombe (1998), Statistics in Medicine 17:2635-2650, method 10.

        Wilson's intervals of both rates, joined by the correlation of the answers. (NaN, NaN) without faces.
        """
        if not self.n:
            return math.nan, math.nan
        a, b = self.hits_a / self.n, self.hits_b / self.n
        low_a, high_a = wilson(self.hits_a, self.n)
        low_b, high_b = wilson(self.hits_b, self.n)
        below = _length(b - low_b, high_a - a, self._correlation)
        above = _length(high_b - b, a - low_a, self._correlation)
        return self.difference - below, self.difference + above

    @property
    def _correlation(self) -> float:
        """Phi of right answers, corrected for continuity where it is above 0."""
        margins = self.hits_a * (self.n - self.hits_a) * self.hits_b * (self.n - self.hits_b)
        product = float(self.both * self.neither - self.only_a * self.only_b)
        if product > 0:
            product = max(product - self.n / 2, 0.0)
        return product / math.sqrt(margins) if margins else 0.0

    @property
    def p_value(self) -> float:
        """McNemar's test, exact: of the faces on which one alone is right, would chance divide as unevenly?

        Two-sided, from the binomial distribution with a proportion of a half; 1 where there is no such face.
        """
        from scipy.special import bdtr  # takes a second to load, which commands need not

        fewer, one_right = min(self.only_a, self.only_b), self.only_a + self.only_b
        return min(1.0, 2 * float(bdtr(fewer, one_right, 0.5)))


def _length(x: float, y: float, correlation: float) -> float:
    return math.sqrt(max(0.0, x * x - 2 * correlation * x * y + y * y))
