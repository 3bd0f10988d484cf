"""How an answer's time grows with faces and with pixels: slopes, and what they leave unexplained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.pipeline.comparison import Row

HEAD = ("program", "ms of any picture", "ms a face", "ms a megapixel", "furthest off", "found")


@dataclass(frozen=True, slots=True)
class Growth:
    """Milliseconds = `fixed` + `a_face` x faces shown + `a_megapixel` x megapixels decoded.

    `off` is the slopes' time at `off_at` over the measured one, less 1, where it is furthest from 0: a step
    shows there.
    """

    program: str
    fixed: float
    a_face: float
    a_megapixel: float
    off: float
    off_at: str
    found: int
    faces: int

    def cells(self) -> list[str]:
        return [
            self.program,
            *(f"{slope:.2f}" for slope in (self.fixed, self.a_face, self.a_megapixel)),
            f"{self.off:+.0%} at {self.off_at}",
            f"{self.found} of {self.faces}",
        ]


def growth(rows: Sequence[Row]) -> list[Growth]:
    """For each program, by least squares of relative errors, since noise grows with what is measured.

    Only rows of one size of picture count. None where they do not tell slopes apart: it takes two numbers of
    faces, each at two sizes.
    """
    by_program: dict[str, list[Row]] = {}
    for row in rows:
        if row.megapixels is not None:
            by_program.setdefault(row.program, []).append(row)
    return [one for name, some in by_program.items() if (one := _fitted(name, some))]


def _fitted(program: str, rows: Sequence[Row]) -> Growth | None:
    ms = np.array([row.median for row in rows])
    terms = np.array([(1.0, row.faces, row.megapixels) for row in rows])
    slopes, _, rank, _ = np.linalg.lstsq(terms / ms[:, None], np.ones(len(rows)), rcond=None)
    if rank < terms.shape[1] or len(rows) <= rank:
        return None
    off = terms @ slopes / ms - 1
    furthest = int(abs(off).argmax())
    fixed, a_face, a_megapixel = slopes.tolist()
    return Growth(
        program,
        fixed,
        a_face,
        a_megapixel,
        float(off[furthest]),
        rows[furthest].scenes,
        sum(row.found for row in rows),
        sum(row.faces for row in rows),
    )
