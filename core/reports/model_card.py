"""A model card from a run's records, in Markdown: what it is, what it is for, how far to trust it.

Its sections are those of Mitchell et al. 2019, "Model Cards for Model Reporting", and how to train it again.
`core.models.card` is another thing: the record without which weights cannot be used. Where that is at
hand, what people wrote into it is here too. Every text of a record may be untrusted: see
`core.reports.markdown`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from core.decision import OperatingPoint
from core.labels import appearance
from core.models import ModelCard, QualityThresholds, operating_point_from_card
from core.reports import chart_tables, evaluation
from core.reports.markdown import bullets, code, name, paragraphs, table, text
from core.reports.retrain import commands
from core.runs import Run, catalog, phases_of

_SHOWN_ELSEWHERE = ("phases", "sources", "architecture")
_QUALITY = {
    "min_face_px": "Face at least, pixels",
    "min_sharpness": "Sharpness at least",
    "min_brightness": "Brightness at least, of 255",
    "max_turn": "Turned away at most, in eye distances",
    "min_visible": "Share of the face in the picture at least",
    "min_margin": "Lead of the best label at least",
}


@dataclass(frozen=True, slots=True)
class Section:
    """`body` is Markdown."""

    title: str
    body: str


def sections(
    run: Run, card: ModelCard | None = None, point: OperatingPoint | None = None
) -> tuple[Section, ...]:
    """The card's sections; `card` is of the model that was made of the run, `point` the one in use.

    Raises `RecordError`.
    """
    return (
        Section("Model details", _details(run, card)),
        Section("Intended use", _use(card)),
        Section("Factors", evaluation.factors(run)),
        Section("Metrics", _metrics(run, card, point)),
        Section("Evaluation data", evaluation.data(run)),
        Section("Training data", _training_data(run)),
        Section("How it was trained", _training(run)),
        Section("Quantitative analyses", evaluation.results(run)),
        Section("Ethical considerations", _ethics(card)),
        Section("Caveats and recommendations", _caveats(run, card)),
        Section("How to train it again", _again(run)),
    )


def numbers(run: Run) -> Section:
    """The data of the charts that go with the card."""
    return Section("The numbers behind the charts", chart_tables.numbers(run))


def title(run: Run) -> str:
    return f"Model card: {text(run.name)}"


def markdown(run: Run, card: ModelCard | None = None, point: OperatingPoint | None = None) -> str:
    """The whole card as one file. Raises `RecordError`.

    Markdown has no charts that every reader shows, so the numbers behind them are in it as tables.
    """
    every = (*sections(run, card, point), numbers(run))
    return "\n\n".join([f"# {title(run)}", *(f"## {s.title}\n\n{s.body}" for s in every)]) + "\n"


def _details(run: Run, card: ModelCard | None) -> str:
    config = run.config
    state = catalog.state(run)
    facts = {
        "Run": text(config.id),
        "Recipe": text(config.recipe),
        "Network": text(config.architecture),
        "Input": f"a face with its surroundings, {text(config.settings.get('size'))} pixels square",
        "Label set": f"{text(config.labels.set)}, {len(config.labels.names)} labels",
        "Trained": text(config.started) + ("" if state == "finished" else f"; {state}"),
        "Code": text(config.git_commit),
    }
    if card:
        facts |= {
            "Model": f"{text(card.name)}: {text(card.summary)}",
            "Parameters": f"{card.parameters:,}",
            "Pixels": f"{card.channel_order.upper()}, " + " to ".join(f"{end:g}" for end in card.input_range),
            "Licence": text(card.licence),
        }
        facts |= {f"Weights, {kind}": f"SHA-256 {file.sha256}" for kind, file in card.weights.items()}
    names = config.labels.names
    return paragraphs(
        (
            table(("Property", "Value"), facts.items()),
            "It answers with one of these labels:",
            table(
                ("Label", "Shown as", "Says"),
                [(text(n), name(appearance(n).short), text(appearance(n).sentence)) for n in names],
            ),
        )
    )


def _not_known(*fields: str) -> str:
    named = ", ".join(f"`{field}`" for field in fields)
    return (
        f"Not known: no model that was made of this run is installed here. Export it, `python -m "
        f"training.export RUN NAME`, and look through {named} in its card.json."
    )


def _use(card: ModelCard | None) -> str:
    if card is None:
        return _not_known("intended_use", "warning")
    return paragraphs(
        (
            text(card.intended_use, 2000),
            f"**Warning.** {text(card.warning, 2000)}" if card.warning else "",
            "**Out of scope.** Every other use. It answers with the labels above and with nothing else, and "
            "was not trained to recognise anyone.",
        )
    )


def _metrics(run: Run, card: ModelCard | None, point: OperatingPoint | None) -> str:
    said = [
        "Recall is the share of a label's faces that are named so, precision the share of those named so "
        "that are, accuracy the share of all faces named rightly. n counts faces. Intervals are of 95 %: by "
        "drawing whole groups where that was recorded (bootstrap), else Wilson's, which takes faces one by "
        "one and is too narrow where several are of one person. ECE is the mean gap between confidence and "
        "accuracy.",
    ]
    if card is None:
        return paragraphs((*said, _not_known("quality", "temperature")))
    own = operating_point_from_card(card)
    said.append(f"**Operating point.** {_point(own)} {evaluation.at_margin(run, own.min_margin)}")
    if point is not None and point != own:
        said.append(f"On this machine another one is in use, set by whoever runs it: {_point(point)}")
    rows = []
    for field in QualityThresholds.model_fields:
        threshold = getattr(card.quality, field)
        rows.append((_QUALITY[field], text(threshold.value), text(threshold.reason, 500)))
    said.append("A face that misses one of these is answered with “cannot tell”:")
    return paragraphs((*said, table(("Threshold", "Value", "Why"), rows)))


def _point(point: OperatingPoint) -> str:
    rule = "The most probable label names the face"
    if point.alarm_threshold is not None:
        rule = (
            "A face is named by a label that says that no mask is worn properly as soon as these have "
            f"{point.alarm_threshold:.0%} of the probability together"
        )
    return f"{rule}; with a lead under {100 * point.min_margin:.0f} points the answer is “cannot tell”."


def _training_data(run: Run) -> str:
    config = run.config
    sources = config.settings.get("sources")
    rows = [(text(k), text(n)) for k, n in sources.items()] if isinstance(sources, dict) else []
    return paragraphs(
        (
            f"Manifest SHA-256 {text(config.manifest_sha256)}.",
            table(("Part", "Pictures"), [(text(k), f"{n:,}") for k, n in config.split_sizes.items()]),
            "Pictures that it learned from, by source:" if rows else "Its sources were not recorded.",
            table(("Source", "Pictures"), rows) if rows else "",
        )
    )


def _training(run: Run) -> str:
    config, best = run.config, run.best_epoch
    epochs = len(run.epochs) + sum(map(len, run.parts.values()))
    facts = {
        "Epochs": f"{epochs:,}" + (f", {len(run.parts)} parts trained first" if run.parts else ""),
        "Best epoch": f"{best.epoch + 1}, validation loss {best.val_loss:.4g}" if best else "none yet",
        "Minutes": f"{run.seconds / 60:.0f}",
        "Device": text(config.device),
        "Seed": str(config.seed),
        **{text(package): text(version) for package, version in config.versions.items()},
    }
    header = ("Phase", "Epochs at most", "Trains", "Optimizer", "Learning rate", "Schedule", "Averaged over")
    fields = ("name", "epochs", "trains", "optimizer", "learning_rate", "schedule", "ema_span")
    rows = [[_set(phase.get(f, "not recorded")) for f in fields] for phase in phases_of(config.settings)]
    settings = [(text(k), _set(v)) for k, v in config.settings.items() if k not in _SHOWN_ELSEWHERE]
    return paragraphs(
        (
            table(("Property", "Value"), facts.items()),
            table(header, rows),
            "Its other settings:",
            table(("Setting", "Value"), settings),
        )
    )


def _set(value: Any) -> str:
    if value in (None, [], {}):
        return "none"
    named = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return text(", ".join(value) if named else value)


def _ethics(card: ModelCard | None) -> str:
    if card is None:
        return _not_known("licence", "licence_notes")
    notes = bullets(text(note, 2000) for note in card.licence_notes) or "No licence notes were written."
    return paragraphs((f"Licence: {text(card.licence)}.", notes))


def _caveats(run: Run, card: ModelCard | None) -> str:
    limits = [text(limit, 2000) for limit in card.limits] if card else []
    return paragraphs(("" if card else _not_known("limits"), bullets([*limits, *_warnings(run, card)])))


def _warnings(run: Run, card: ModelCard | None) -> Iterator[str]:
    """What the records themselves say against trusting the figures."""
    yield from evaluation.warnings(run)
    ours = {weights.sha256 for weights in card.weights.values()} if card else set()
    if ours and any(e.weights_sha256 not in ours for e in run.evaluations.values()):
        yield "Other weights were measured than those of the model that is installed here."
    if catalog.state(run) != "finished":
        yield "Its training is not finished, so there is no model of it yet."
    yield from (f"A record is broken: {text(problem, 500)}" for problem in run.problems)


def _again(run: Run) -> str:
    lines = commands(run.config)
    if not lines:
        return "Its recipe's name is no plain word, so no command is made of it."
    return paragraphs(
        (
            f"With data of manifest SHA-256 {text(run.config.manifest_sha256)} as DATA; another hash is "
            "other data, and other figures. Weights to start from are given by their files' names. Leave out "
            "an option that the code of that day does not know: its recipe says the same.",
            code(lines),
            "The same seed gives the same order of pictures; another device may round otherwise.",
        )
    )
