"""One face to learn from, and many: what every format is read into."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import RecordError
from core.labels import LabelSet
from core.results import Box
from core.text import printable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Example:
    """One face: where its picture is, what it shows, where it comes from.

    Near-duplicates share a `group`, so that no split may part them. `split` is "train", "validation" or
    "test", or empty when the data has none. `box` is in pixels, None where the picture is the face. `face_px`
    is the longer side of the face where it was found, NaN when not known. `synthetic`: the mask was drawn, by
    `core.mask_rendering` or by others. `subtype` is the kind of mask or how it is worn wrong, in the data's
    own words, empty when it does not say. `row` is the place in a packed file, None where `path` is a
    picture.
    """

    path: Path
    label: str
    source: str
    group: str
    split: str = ""
    box: Box | None = None
    face_px: float = float("nan")
    gender: str = ""
    synthetic: bool = False
    row: int | None = None
    subtype: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The examples, why other rows could not be used, how many of other labels there were, what identifies
    the whole, and what to know of how it was read.
    """

    examples: tuple[Example, ...]
    problems: tuple[str, ...]
    left_out: Mapping[str, int]
    sha256: str
    notes: tuple[str, ...] = ()

    @property
    def label_names(self) -> tuple[str, ...]:
        return tuple(sorted({example.label for example in self.examples}))

    def of_split(self, *names: str) -> tuple[Example, ...]:
        return tuple(example for example in self.examples if example.split in names)

    def only(self, labels: LabelSet, also: Sequence[str] = ()) -> Manifest:
        """Those of `labels`, and of `also`; the others are counted as left out.

        Raises `RecordError` when none is left.
        """
        wanted = {*labels, *also}
        kept = tuple(example for example in self.examples if example.label in wanted)
        others = Counter(example.label for example in self.examples if example.label not in wanted)
        if not kept:
            raise RecordError(
                f"No face has a label of {labels.name} ({', '.join(labels)}). "
                f"The data has: {', '.join(map(printable, self.label_names))}. Choose a label set that fits."
            )
        log_left_out(others, f"not labels of {labels.name}")
        return replace(self, examples=kept, left_out=dict(Counter(self.left_out) + others))


def log_left_out(counts: Mapping[str, int], reason: str) -> None:
    if counts:
        each = ", ".join(f"{printable(label)} {n}" for label, n in sorted(counts.items()))
        log.info("%d rows left out, %s: %s", sum(counts.values()), reason, each)
