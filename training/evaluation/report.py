"""An evaluation as text for people. All of it is in the JSON; here is what one reads first."""

from __future__ import annotations

import math
from collections.abc import Iterator

from core.metrics import format_interval, percent, rate
from core.review import confusion
from core.runs import AtThreshold, Evaluation, Leakage, OneVsRest, Slice
from training.evaluation.text_table import table

SHOWN_THRESHOLDS = (0.25, 0.5, 0.75, 0.9, 0.95)
SHOWN_MARGINS = (0.0, 0.25, 0.5, 0.75, 0.9)


def as_text(evaluation: Evaluation) -> str:
    """Aligned tables, each rate with its n; what is not defined is called "no examples"."""
    parts = (
        _headline,
        _report,
        _confusion,
        _sources,
        _thresholds,
        _margins,
        _quality_gate,
        _slices,
        _calibration,
        _leakage,
        _left_out,
    )
    return "\n\n".join(text for part in parts if (text := "\n".join(part(evaluation))))


def _headline(e: Evaluation) -> Iterator[str]:
    yield f"{e.model}: {e.accuracy:.1%} of {e.n} right ({format_interval(e.interval)})"
    if e.bootstrap:
        yield (
            f"  ({format_interval(e.bootstrap.accuracy)}) when whole groups are drawn "
            f"({e.bootstrap.resamples} draws of {e.bootstrap.groups} groups)"
        )
    if e.majority:
        yield f"  always answering {e.majority.label}: {e.majority.accuracy:.1%}"


def _report(e: Evaluation) -> Iterator[str]:
    if e.report is None:
        return
    yield "By label. Intervals are 95 %, by group."
    rows = [("", "precision", "recall", "interval", "F1", "n", "area under ROC", "average precision")]
    areas = {curve.label: curve for curve in e.one_vs_rest}
    for row in e.report.labels:
        interval = f"({format_interval(e.bootstrap.recall[row.label])})" if e.bootstrap else ""
        area = areas.get(row.label)
        rows.append(
            (row.label, percent(row.precision), percent(row.recall), interval, percent(row.f1), str(row.n))
            + ((_number(area.auc), _number(area.average_precision)) if area else ("", ""))
        )
    for name, mean in (("macro mean", e.report.macro), ("weighted mean", e.report.weighted)):
        interval = (
            f"({format_interval(e.bootstrap.macro_recall)})" if e.bootstrap and name == "macro mean" else ""
        )
        rows.append(
            (
                name,
                percent(mean.precision),
                percent(mean.recall),
                interval,
                percent(mean.f1),
                str(e.n),
                "",
                "",
            )
        )
    yield from table(rows)


def _confusion(e: Evaluation) -> Iterator[str]:
    yield "True label (row) and what it was named (column)."
    total = confusion.table(e)
    yield from table(
        [("", *e.labels.names), *((n, *map(str, r)) for n, r in zip(e.labels.names, total, strict=True))]
    )


def _sources(e: Evaluation) -> Iterator[str]:
    yield "By source and true label."
    yield from table(
        (s.source, s.label, f"n={s.n}", f"recall {s.recall:.1%}", f"({format_interval(s.interval)})")
        for s in e.scores
    )


def _thresholds(e: Evaluation) -> Iterator[str]:
    if not e.one_vs_rest:
        return
    yield "Precision and recall of a label that is said from a probability on."
    rows = [("", *(f"from {t:g}" for t in SHOWN_THRESHOLDS))]
    for curve in e.one_vs_rest:
        points = {point.threshold: point for point in curve.thresholds}
        rows.append((curve.label, *(_both(points.get(t), curve) for t in SHOWN_THRESHOLDS)))
    yield from table(rows)


def _both(point: AtThreshold | None, curve: OneVsRest) -> str:
    if point is None:
        return ""
    named = point.true_positives + point.false_positives
    return f"{percent(rate(point.true_positives, named))}, {percent(rate(point.true_positives, curve.n))}"


def _margins(e: Evaluation) -> Iterator[str]:
    if not e.margins:
        return
    yield "Answered, and right of those, when the best label must lead by a margin."
    rows = [("lead", "answered", "right")]
    for point in e.margins:
        if point.margin in SHOWN_MARGINS:
            rows.append(
                (
                    f"{point.margin:g}",
                    f"{percent(rate(point.answered, e.n))} ({point.answered})",
                    percent(rate(point.hits, point.answered)),
                )
            )
    yield from table(rows)


def _quality_gate(e: Evaluation) -> Iterator[str]:
    if not e.gated:
        return
    yield "The quality gate, by pixels and lead: faces without an answer, and how many of the rest are right."
    rows = [("face, px", "n", "cannot tell", "right without the gate", "right of those answered")]
    for gate in e.gated:
        rows.append(
            (
                f"{gate.face_px} and more" if gate.face_px else "any",
                str(gate.n),
                f"{percent(rate(gate.n - gate.answered, gate.n))} ({gate.n - gate.answered})",
                percent(rate(gate.hits, gate.n)),
                percent(rate(gate.answered_hits, gate.answered)),
            )
        )
    yield from table(rows)


def _slices(e: Evaluation) -> Iterator[str]:
    yield "By what the faces are like."
    rows = []
    for name, slices in (
        ("face, px", e.face_px_slices),
        ("sharpness", e.sharpness_slices),
        ("brightness", e.brightness_slices),
    ):
        rows += [(name, _range(s), *_right(s.hits, s.n)) for s in slices if s.n]
        if slices and (unknown := e.n - sum(s.n for s in slices)):
            rows.append((name, "not known", "", f"n={unknown}"))
    for kind, values in e.subgroups.items():
        rows += [(kind, value, *_right(hits, n)) for value, (hits, n) in values.items()]
    yield from table(rows)


def _right(hits: int, n: int) -> tuple[str, str]:
    return f"{percent(rate(hits, n))} right", f"n={n}"


def _range(s: Slice) -> str:
    return f"{s.low:g} and more" if math.isinf(s.high) else f"{s.low:g} to {s.high:g}"


def _calibration(e: Evaluation) -> Iterator[str]:
    yield f"Calibration error (ECE) {_number(e.ece)}."
    if e.temperature is not None:
        fit = e.calibration_fit
        yield f"Temperature {e.temperature:g}, " + (
            f"fitted only on {fit.faces} (ECE {fit.ece_before:.3f}, then {fit.ece_after:.3f})"
            if fit
            else "of which no fit is on record"
        )


def _leakage(e: Evaluation) -> Iterator[str]:
    yield from leakage_lines(e.leakage)


def leakage_lines(leak: Leakage | None) -> Iterator[str]:
    """What a test shares with the training, of a classifier or a detector."""
    if leak is None or leak.shared_groups is None:
        yield "Whether training saw groups of this test is not known: its run lists none."
    else:
        yield f"Groups shared with training: {leak.shared_groups}; {leak.shared_faces} of {leak.n} faces."
        if leak.shared_groups:
            yield "That was allowed. These figures are no measure of how it does on new pictures."
    if leak and leak.twins is not None:
        yield f"Near-duplicates of training pictures: {leak.twins} of {leak.n} faces."


def _left_out(e: Evaluation) -> Iterator[str]:
    if e.mapped_from:
        yield f"Answers of {e.mapped_from} were summed up to {e.labels.set}."
    if e.left_out:
        counts = ", ".join(f"{n} {label}" for label, n in e.left_out.items())
        yield f"Left out, as the model has no such label: {counts}."
    if e.unreadable:
        yield f"{len(e.unreadable)} pictures could not be read."


def _number(value: float) -> str:
    return "no examples" if math.isnan(value) else f"{value:.3f}"
