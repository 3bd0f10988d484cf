"""How a mask sits on a head: its edges, for each way to wear one.

Lengths are in `v`, angles in `theta` of `core.mask_rendering.head`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.mask_rendering.head import Head
from core.mask_rendering.styles import Cut
from core.mask_rendering.ways import (
    BELOW_MOUTH,
    COVERED,
    CUT_OPEN,
    MOUTH_OUT,
    NOSE_OUT,
    ON_FOREHEAD,
    OVER_EYES,
    UNDER_CHIN,
)

OVER_NOSE = 0.08  # v from the tip of the nose up to the lowest edge of a mask that is worn correctly
THETA = np.linspace(0, math.pi / 2, 256)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """`upper` and `lower` (256,) are the edges over `THETA`, `reach` is the theta of the side edges, `tilt`
    v a radian. `hole` is the middle (v) and half the width and height of an opening. `shade` is how much of
    the light the chin keeps from the upper edge, `ragged` how far hair hangs over it in eye distances.
    """

    upper: np.ndarray
    lower: np.ndarray
    reach: float
    tilt: float
    hole: tuple[float, float, float] | None = None
    shade: float = 0.0
    ragged: float = 0.0


def fit(wearing: str, cut: Cut, head: Head, lowest_v: float, rng: np.random.Generator) -> Fit:
    """As `rng` lets it sit, on a head of which the picture shows what is above `lowest_v`."""
    slack = rng.uniform(-1, 1, 3)
    peak, side_drop, side_height = cut.peak, cut.side_drop, cut.side_height
    roundness, reach, tilt = cut.roundness, cut.reach, rng.normal(0, 0.03)
    hole, shade, ragged = None, 0.0, 0.0
    if wearing in (COVERED, CUT_OPEN):
        # From the bridge of the nose to just above its tip, as low as masks sit that are worn correctly
        lowest = max(head.nose_v - OVER_NOSE, 0.36)
        top, chin = 0.26 + (lowest - 0.26) * (slack[0] + 1) / 2, cut.chin + 0.08 * slack[1]
        if wearing == CUT_OPEN:
            hole = (rng.uniform(0.98, 1.1), rng.uniform(0.28, 0.5), rng.uniform(0.17, 0.3))
    elif wearing == NOSE_OUT:
        # From just under the nose tip to the upper lip; the cloth hangs lower too, and gathers a little
        top, chin, peak = rng.uniform(head.nose_v + 0.10, 0.90), cut.chin + rng.uniform(0.0, 0.35), 0.0
        side_drop, side_height = side_drop * rng.uniform(-0.6, 0.8), side_height * 0.85
    elif wearing == MOUTH_OUT:
        # Folded or pulled up: from the bridge of the nose to above the upper lip
        top, chin = rng.uniform(0.12, 0.34), rng.uniform(head.nose_v + 0.1, max(0.84, head.nose_v + 0.12))
        side_drop, side_height = rng.uniform(-0.1, 0.3), rng.uniform(0.25, 0.5)
        roundness, reach = rng.uniform(1.6, 3), reach * rng.uniform(0.6, 1)
    elif wearing == OVER_EYES:
        top, chin, peak = rng.uniform(-0.85, -0.45), rng.uniform(0.28, 0.5), 0.0
        side_drop, side_height = rng.uniform(-0.05, 0.25), rng.uniform(0.45, 0.85)
        roundness, tilt = rng.uniform(2, 4), 2 * tilt
    elif wearing == ON_FOREHEAD:
        top, chin, peak = rng.uniform(-1.25, -0.85), rng.uniform(-0.38, -0.24), 0.0
        side_drop, side_height = rng.uniform(0, 0.25), rng.uniform(0.35, 0.7)
        roundness, tilt = rng.uniform(2, 4), 2 * tilt
    elif wearing == UNDER_CHIN:
        # On the neck, all of the face free: gathered, or just its rim to be seen, or lower down
        peak, kind = 0.0, rng.random()
        top = rng.uniform(1.5, np.clip(lowest_v - 0.2, 1.52, 1.75))
        if kind < 0.5:
            chin, side_drop = top + rng.uniform(0.3, 0.75), rng.uniform(-0.7, -0.2)
            side_height = side_height * rng.uniform(0.4, 0.7)
        elif kind < 0.75:
            chin, side_drop = top + rng.uniform(0.12, 0.3), rng.uniform(-0.9, -0.5)
            side_height = rng.uniform(0.1, 0.2)
        else:
            top = rng.uniform(top, np.clip(lowest_v - 0.25, top, 2.0))
            chin, side_drop = top + rng.uniform(0.3, 0.7), rng.uniform(-0.4, 0.05)
            side_height = side_height * rng.uniform(0.5, 0.9)
        shade, ragged = rng.uniform(0, 0.7), rng.uniform(0.02, 0.06) * (rng.random() < 0.2)
    elif wearing == BELOW_MOUTH:
        # From under the lower lip to under the chin, gathered, the corners drawn up along the jaw. Where
        # the picture ends at the chin, higher up: from a mask that cannot be seen nothing is learned
        top, peak = rng.uniform(1.16, np.clip(lowest_v - 0.3, 1.18, 1.55)), 0.0
        chin = max(cut.chin + rng.uniform(0.0, 0.2), top + rng.uniform(0.35, 0.85))
        side_drop, side_height = rng.uniform(-0.55, -0.15), side_height * rng.uniform(0.5, 0.8)
    else:
        raise ValueError(f"a mask worn {wearing!r} does not lie on a head")
    t = THETA / reach
    upper = top + (side_drop + 0.04 * slack[2]) * t**1.6 - peak * np.exp(-((t / 0.22) ** 2))
    corner = top + side_drop + side_height
    lower = chin + (corner - chin) * np.minimum(t, 1.3) ** roundness
    if wearing == OVER_EYES:  # the nose holds the lower edge off
        lower -= rng.uniform(0, 0.12) * np.exp(-((t / 0.2) ** 2))
    return Fit(
        upper,
        np.maximum(lower, upper),
        reach * rng.uniform(0.94, 1.06),
        float(tilt),
        hole,
        float(shade),
        float(ragged),
    )
