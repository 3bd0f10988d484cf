"""Every labelled face of a detector's test, and every false detection: runs/<id>/detections.csv, no pixels.

What is made of the rows is of `core.review.detection`.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import RecordError
from core.metrics import Matches
from core.models import WAYS, Way
from core.records import MAX_LONG_TEXT, MAX_RECORD_BYTES, MAX_SOURCES, MAX_TEXT, read_text, write_text
from core.results import Box

DETECTIONS_FILE = "detections.csv"
LEAST_SCORE = 0.1  # of a detection that is kept: what scores less adds next to nothing to a curve
MAX_DETECTIONS = 200_000  # rows
_COLUMNS = ("way", "source", "picture", "label", "x1", "y1", "x2", "y2", "score")
_FARTHEST = 1e6  # pixels


@dataclass(frozen=True, slots=True)
class DetectionRow:
    """A labelled face, `score` of what found it or NaN; or a false detection, `label` empty.

    `picture` is the picture's key in the data, `box` in its pixels.
    """

    way: Way
    source: str
    picture: str
    label: str
    box: Box
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """The rows as arrays: texts (N,), `boxes` (N, 4) in pixels, `score` (N,) and NaN for a face not found.

    A row with a `label` is a labelled face, one without a false detection.
    """

    way: np.ndarray
    source: np.ndarray
    picture: np.ndarray
    label: np.ndarray
    boxes: np.ndarray
    score: np.ndarray

    @classmethod
    def from_rows(cls, rows: Iterable[DetectionRow]) -> Detections:
        rows = list(rows)
        return cls(  # objects: an array of texts gives each the room of the longest
            way=np.array([row.way for row in rows], object),
            source=np.array([row.source for row in rows], object),
            picture=np.array([row.picture for row in rows], object),
            label=np.array([row.label for row in rows], object),
            boxes=np.array([row.box for row in rows], float).reshape(-1, 4),
            score=np.array([row.score for row in rows], float),
        )

    def __len__(self) -> int:
        return len(self.score)

    def only(self, rows: np.ndarray) -> Detections:
        """Those of a mask, or of indices in their order."""
        return Detections(
            *(self.way[rows], self.source[rows], self.picture[rows]),
            *(self.label[rows], self.boxes[rows], self.score[rows]),
        )

    def of(self, way: Way | None = None, source: str | None = None) -> Detections:
        """Those of a way, of a source, of both; None takes all."""
        wanted = np.ones(len(self), bool)
        if way is not None:
            wanted &= np.asarray(self.way == way, bool)
        if source is not None:
            wanted &= np.asarray(self.source == source, bool)
        return self.only(wanted)

    def of_height(self, low: float, high: float) -> Detections:
        """Faces and false detections with low <= height < high: each counts by its own height."""
        return self.only((self.heights >= low) & (self.heights < high))

    @property
    def labelled(self) -> np.ndarray:
        """(N,) bool: a labelled face, not a false detection."""
        return np.asarray(self.label != "", bool)

    @property
    def heights(self) -> np.ndarray:
        """(N,) pixels."""
        return np.asarray(self.boxes[:, 3] - self.boxes[:, 1])

    def matches(self) -> Matches:
        """As `core.metrics.detection.match` gives; of equal scores the false detections come first."""
        false, of_faces = self.score[~self.labelled], self.score[self.labelled]
        found = of_faces[~np.isnan(of_faces)]
        return Matches(
            scores=np.concatenate([false, found]),
            hits=np.repeat([False, True], [len(false), len(found)]),
            heights=self.heights[self.labelled],
            found_with=np.where(np.isnan(of_faces), -np.inf, of_faces),
        )

    def average_precision(self) -> float:
        """AP50 over all scores of rows of one way. NaN without labelled faces."""
        return self.matches().average_precision()


def write_detections(folder: Path, rows: Sequence[DetectionRow]) -> None:
    """Raises `RecordError` when there is more than is read again."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        score = "" if math.isnan(row.score) else f"{row.score:.4f}"
        corners = [f"{v:.1f}" for v in row.box]
        writer.writerow([row.way, row.source, row.picture, row.label, *corners, score])
    text = buffer.getvalue()
    if len(rows) > MAX_DETECTIONS or len(text.encode()) > MAX_RECORD_BYTES:
        raise RecordError(
            f"{len(rows):,} faces and false detections are more than a record holds: {MAX_DETECTIONS:,}, in "
            f"{MAX_RECORD_BYTES:,} bytes. Evaluate fewer pictures at once."
        )
    write_text(folder / DETECTIONS_FILE, text)


def read_detections(folder: Path) -> Detections:
    """The rows of an evaluation. Raises `RecordError` that names file, line and remedy."""
    path = folder / DETECTIONS_FILE
    reader, line = csv.reader(io.StringIO(read_text(path))), 1
    rows: list[DetectionRow] = []
    sources: set[str] = set()
    try:
        if tuple(next(reader, ())) != _COLUMNS:
            raise ValueError(f"the columns are not {', '.join(_COLUMNS)}")
        for values in reader:
            line = reader.line_num
            rows.append(_row(values))
            sources.add(rows[-1].source)
            if len(rows) > MAX_DETECTIONS or len(sources) > MAX_SOURCES:
                raise ValueError(f"more than {MAX_DETECTIONS:,} rows, or {MAX_SOURCES} sources")
    except (ValueError, csv.Error) as problem:
        raise RecordError(
            f"{path}: line {line}: {problem}. Evaluate again: python -m training.evaluate."
        ) from None
    return Detections.from_rows(rows)


def _row(values: list[str]) -> DetectionRow:
    """Raises `ValueError` with what is wrong."""
    if len(values) != len(_COLUMNS):
        raise ValueError(f"{len(values)} values, not {len(_COLUMNS)}")
    way, source, picture, label, *corners, said = values
    if way not in WAYS:
        raise ValueError(f"the way is not one of {', '.join(WAYS)}")
    if max(len(source), len(label)) > MAX_TEXT or len(picture) > MAX_LONG_TEXT:
        raise ValueError(f"a text is longer than {MAX_TEXT} characters, or {MAX_LONG_TEXT} of a picture")
    x1, y1, x2, y2 = map(_number, corners)
    if not (-_FARTHEST <= x1 <= x2 <= _FARTHEST and -_FARTHEST <= y1 <= y2 <= _FARTHEST):  # NaN is not
        raise ValueError("the box is turned round or not finite")
    if not said and not label:
        raise ValueError("neither a label nor a score, so it is neither a face nor a detection")
    score = _number(said) if said else math.nan
    if said and not 0 <= score <= 1:
        raise ValueError("the score is not between 0 and 1")
    return DetectionRow(way, source, picture, label, (x1, y1, x2, y2), score)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError("a coordinate or the score is not a number") from None
