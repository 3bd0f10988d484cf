"""Rates as people read them: on the screen, in cards and in reports. What is not defined is said so."""

from __future__ import annotations

import math


def percent(proportion: float) -> str:
    """NaN is a proportion of nothing."""
    return "no examples" if math.isnan(proportion) else f"{proportion:.1%}"


def format_interval(interval: tuple[float, float]) -> str:
    """A 95% interval of a proportion."""
    low, high = interval
    return "no interval" if math.isnan(low + high) else f"{low:.1%} to {high:.1%}"
