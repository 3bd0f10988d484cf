"""A detector's test as text for people. All of it is in the record; here is what one reads first."""

from __future__ import annotations

import math
from collections.abc import Iterator

from core.metrics import format_interval, percent
from core.review import MatchedDetections, Rate, average_precision_interval, by_height
from core.runs import DetectionEvaluation, DetectionRow, Detections
from training.evaluation import leakage_lines, table


def as_text(evaluation: DetectionEvaluation, rows: list[DetectionRow]) -> str:
    """Aligned tables, each rate with its n; what is not defined is called "no examples"."""
    found = Detections.from_rows(rows)
    parts = (
        _headline(evaluation),
        _sources(evaluation, found),
        _heights(evaluation, found),
        _notes(evaluation),
    )
    return "\n\n".join(text for part in parts if (text := "\n".join(part)))


def _headline(e: DetectionEvaluation) -> Iterator[str]:
    yield f"{e.model}: {sum(e.pictures.values())} pictures, {e.device}"
    for way, ms in e.ms.items():
        yield f"  {way}: from score {e.min_score[way]:g} on, {ms:.1f} ms a picture (median)"


def _sources(e: DetectionEvaluation, found: Detections) -> Iterator[str]:
    yield "By source. Intervals are 95 %: AP50's of pictures drawn again, the others of single faces."
    rows = [("", "", "faces", "AP50", "", "recall", "", "precision", "", "false")]
    for score in e.scores:
        counts = MatchedDetections(score.n, score.found, score.false)
        bound = "at least " if score.source in e.incomplete else ""
        interval = average_precision_interval(found.of(score.way, score.source))
        rows.append(
            (
                score.source,
                score.way,
                f"{score.n}",
                bound + percent(score.ap50),
                f"({format_interval(interval)})",
                *_rate(counts.recall),
                bound + percent(counts.precision.value),
                f"({format_interval(counts.precision.interval)})",
                f"{score.false}",
            )
        )
    yield from table(rows)
    if e.incomplete:
        yield (
            f"Not all faces of {', '.join(e.incomplete)} are labelled: one that is found all the same counts "
            "as false. So precision and AP50 are lower bounds there; recall is not touched by it."
        )


def _heights(e: DetectionEvaluation, found: Detections) -> Iterator[str]:
    yield "Recall by height of the face, pixels."
    rows = [("", "", "height", "faces", "recall", "")]
    for score in e.scores:
        for bin in by_height(found.of(score.way, score.source), e.min_score[score.way]):
            if bin.counts.n:
                span = f"{bin.low:g} and more" if math.isinf(bin.high) else f"{bin.low:g} to {bin.high:g}"
                rows.append((score.source, score.way, span, f"{bin.counts.n}", *_rate(bin.counts.recall)))
    yield from table(rows)


def _rate(rate: Rate) -> tuple[str, str]:
    return percent(rate.value), f"({format_interval(rate.interval)})"


def _notes(e: DetectionEvaluation) -> Iterator[str]:
    yield from leakage_lines(e.leakage)
    if e.unreadable:
        yield f"{len(e.unreadable)} pictures could not be read and were left out:"
        yield from (f"  {said}" for said in e.unreadable)
