"""What its evaluations give to a model card, in Markdown: rates with n and a 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import islice

from core.labels import appearance
from core.metrics import format_interval, percent, rate
from core.reports.markdown import MAX_TABLE, bullets, counted, name, paragraphs, table, text
from core.review import ClassReport, Rate, class_report, confusion, slices
from core.runs import Evaluation, Leakage, Run

NOT_MEASURED = (
    "Not measured yet. Export the run, then: `python -m training.evaluate MODEL --data DATA --record`."
)
MAX_TOLD = 4  # evaluations: more are named only, since an untrusted run may have any number of large ones
_PICTURES = {"real": "as taken", "drawn": "with a drawn mask"}


def each(run: Run) -> Iterator[tuple[str, Evaluation]]:
    """Its first evaluations by what they were measured on, in words that may be untrusted."""
    for tested_on, evaluation in islice(run.evaluations.items(), MAX_TOLD):
        yield tested_on or "its own test part", evaluation


def report_of(evaluation: Evaluation) -> ClassReport:
    """As stored, or from the counts of a record from before reports were. Raises `RecordError`."""
    found = class_report.from_evaluation(evaluation)
    return found or class_report.from_counts(confusion.table(evaluation), evaluation.labels.names)


def factors(run: Run) -> str:
    if not run.evaluations:
        return NOT_MEASURED
    measured = dict.fromkeys(
        "real or drawn mask" if found.quantity == "drawn" else found.quantity
        for _, evaluation in each(run)
        for found in slices.worst_first(evaluation)
        if found.accuracy.n
    )
    return paragraphs(
        (
            "Its figures were looked at apart by:",
            bullets(map(text, measured)),
            "By anything else, such as skin tone, age or kind of mask where they are not in this list, it "
            "was not measured, so what it does there is not known.",
        )
    )


def data(run: Run) -> str:
    return of_each(run, lambda e: paragraphs((_measured_on(run, e), _leakage(e.leakage))))


def results(run: Run) -> str:
    """Headline, labels, slices, sources and calibration. Raises `RecordError`."""
    return of_each(run, lambda e: paragraphs(_results(e)))


def of_each(run: Run, part: Callable[[Evaluation], str]) -> str:
    if not run.evaluations:
        return NOT_MEASURED
    told = [f"### On {text(tested_on)}\n\n{part(e)}" for tested_on, e in each(run)]
    if further := len(run.evaluations) - len(told):
        told.append(f"{further} further tests are in the run's folder.")
    return paragraphs(told)


def _measured_on(run: Run, e: Evaluation) -> str:
    same = e.manifest_sha256 == run.config.manifest_sha256
    times = len(e.recorded_at)
    facts = {
        "Faces": f"{e.n:,}, of {len(e.confusion):,} sources",
        "Manifest SHA-256": text(e.manifest_sha256)
        + (", whose other part it was trained on" if same else ", another than it was trained on"),
        "Weights, SHA-256": text(e.weights_sha256),
        "Labels": f"{text(e.labels.set)}"
        + (f"; the answers of {text(e.mapped_from)} were summed up to these" if e.mapped_from else ""),
        "Pictures that could not be read": f"{len(e.unreadable):,}",
        "Read for this record": f"{times} x, last {text(e.recorded_at[-1])}" if times else "not known",
    }
    if e.left_out:
        left_out = ", ".join(f"{n:,} {name(label)}" for label, n in list(e.left_out.items())[:20])
        facts["Left out, as it has no such label"] = left_out
    return table(("Property", "Value"), facts.items())


def _leakage(leak: Leakage | None) -> str:
    if leak is None:
        return "Whether training saw these faces was not recorded."
    said = []
    if leak.shared_groups is None:
        said.append("Whether training saw groups of these faces, such as a person's photos, is not known.")
    else:
        faces = leak.shared_faces or 0
        said.append(
            f"Groups that training saw too: {leak.shared_groups:,}, with {faces:,} of these {leak.n:,} faces "
            f"({percent(rate(faces, leak.n))})."
        )
    if leak.twins is None:
        said.append("Near-twins in training were not looked for: `python -m training.evaluate … --audit`.")
        return " ".join(said)
    said.append(
        f"Near-twins of training pictures: {leak.twins:,} of {leak.n:,} faces "
        f"({percent(rate(leak.twins, leak.n))})."
    )
    if leak.hits_with_twin is not None:
        said.append(f"Right among those: {counted(leak.hits_with_twin, leak.twins)}.")
    if leak.hits_without is not None:
        said.append(f"Right among the others: {counted(leak.hits_without, leak.n - leak.twins)}.")
    return " ".join(said)


def warnings(run: Run) -> Iterator[str]:
    """What speaks against trusting the figures."""
    if not run.evaluations:
        yield "How right it is was never measured."
    for tested_on, e in each(run):
        leak = e.leakage
        if leak and leak.allowed and leak.shared_faces:
            yield (
                f"On {text(tested_on)} it was measured on {leak.shared_faces:,} faces of groups that it was "
                "trained on. That was allowed, and makes these figures no measure of how it does on new "
                "pictures."
            )
        if len(e.recorded_at) > 1:
            yield (
                f"The test on {text(tested_on)} was read {len(e.recorded_at)} times. What is chosen after "
                "looking at a test looks better on it than it is."
            )
        drawn = e.subgroups.get("drawn", {}).get("drawn", (0, 0))[1]
        if drawn:
            yield f"On {text(tested_on)} {percent(rate(drawn, e.n))} of the faces wear a mask drawn on them."


def at_margin(run: Run, margin: float) -> str:
    """What an operating point does on its own test part, where that was measured."""
    e = run.evaluation
    point = next((p for p in e.margins if math.isclose(p.margin, margin)), None) if e else None
    if e is None or point is None:
        return "What that does was not measured."
    return (
        f"On its own test part it answers {counted(point.answered, e.n)}, and "
        f"{counted(point.hits, point.answered, 'answers')} are right."
    )


def _results(e: Evaluation) -> Iterator[str]:
    found = report_of(e)
    baseline = found.baseline
    yield (
        f"**Accuracy {_rate(found.accuracy)}**. Always answering “{name(appearance(baseline.label).short)}”, "
        f"the commonest label, gets {percent(baseline.accuracy)} right. Macro recall, which counts each "
        f"label alike, is {percent(found.macro.recall)} ({format_interval(found.macro_recall)}), macro "
        f"precision {percent(found.macro.precision)}, macro F1 {percent(found.macro.f1)}; weighted F1 "
        f"{percent(found.weighted.f1)}."
    )
    if worst := "; ".join(_worst(e)):
        yield f"**Where it is worst.** {worst}. The worst of many is so by chance too, in part."
    for gate in e.gated:
        if gate.n and gate.face_px:
            large = f"faces of {gate.face_px} pixels and more"
            yield (
                f"**Quality gate.** By pixels and lead alone it leaves "
                f"{counted(gate.n - gate.answered, gate.n, large)} without an answer. Of the others "
                f"{percent(rate(gate.answered_hits, gate.answered))} are right, of all "
                f"{percent(rate(gate.hits, gate.n))}."
            )
    yield "**By label.**"
    yield table(
        ("Label", "Faces", "Recall", "95 % interval", "Precision", "95 % interval", "F1", "95 % interval"),
        [
            (
                name(appearance(row.label).short),
                f"{row.n:,}",
                *_pair(row.recall),
                *_pair(row.precision),
                *_pair(row.f1),
            )
            for row in found.labels
        ],
    )
    yield "**By what the faces are like**, worst first; slices of few faces stand last."
    yield table(
        ("Slice", "Right", "95 % interval", "Note"),
        [
            (
                _slice_name(s),
                f"{percent(s.accuracy.value)} of {s.accuracy.n:,}" if s.accuracy.n else "no examples",
                format_interval(s.accuracy.interval),
                "" if s.tells else "too few to tell",
            )
            for s in slices.worst_first(e)
        ],
    )
    yield "**By source and label**, worst first."
    scores = sorted((s for s in e.scores if s.n), key=lambda s: s.recall)
    yield table(
        ("Source", "Label", "Recall", "95 % interval"),
        [
            (
                name(s.source),
                name(appearance(s.label).short),
                f"{percent(s.recall)} of {s.n:,}",
                format_interval(s.interval),
            )
            for s in scores[:MAX_TABLE]
        ],
        of=len(scores),
    )
    yield f"**Calibration.** {_calibration(e)}"


def _worst(e: Evaluation) -> Iterator[str]:
    """The label of a source and the kind of face that it gets wrong most often, of those that tell."""
    scores = [s for s in e.scores if s.n >= slices.LEAST]
    if scores:
        s = min(scores, key=lambda s: s.recall)
        rest = f"{percent(s.recall)} of {s.n:,} recognised ({format_interval(s.interval)})"
        yield f"“{name(appearance(s.label).short)}” in {name(s.source)}: {rest}"
    if found := slices.worst(slices.worst_first(e)):
        right = found.accuracy
        rest = f"{percent(right.value)} of {right.n:,} right ({format_interval(right.interval)})"
        yield f"{_slice_name(found)}: {rest}"


def _calibration(e: Evaluation) -> str:
    said = f"ECE {_number(e.ece)} on these faces."
    if e.temperature is None:
        return f"{said} Its temperature was not recorded."
    fit = e.calibration_fit
    if fit is None:
        return f"{said} Temperature {e.temperature:g}; how it was fitted was not recorded."
    return (
        f"{said} Temperature {e.temperature:g}, fitted on {fit.faces}; ECE went from "
        f"{_number(fit.ece_before)} to {_number(fit.ece_after)}."
    )


def _slice_name(found: slices.SliceAccuracy) -> str:
    if found.quantity == "drawn":
        return f"picture: {name(_PICTURES.get(found.value, found.value))}"
    return f"{name(found.quantity)}: {name(found.value)}"


def _pair(found: Rate) -> tuple[str, str]:
    return percent(found.value), format_interval(found.interval)


def _rate(found: Rate) -> str:
    how = ", by group" if found.by_group else ""
    return f"{percent(found.value)} of {found.n:,} (95 % interval {format_interval(found.interval)}{how})"


def _number(value: float) -> str:
    return "no examples" if math.isnan(value) else f"{value:.3f}"
