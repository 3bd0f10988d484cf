"""A model card from a run's records, in Markdown: what it is, what it is for, how far to trust it.

Its sections are those of Mitchell et al. 2019, "Model Cards for Model Reporting", and how to train it again.
`core.models.card` is another thing: the record without which weights cannot be used. Where that is at
hand, what people wrote into it is here too. Every text of a record may be untrusted: see
`core.reports.markdown`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from core.decision import OperatingPoint
from core.models import NOT_CLEARED, USES, DetectorCard, ModelCard, operating_point_from_card
from core.reports.evaluation import at_margin, looked_apart_by, told
from core.reports.markdown import MAX_TABLE, render, text
from core.reports.retrain import commands
from core.review import confusion, filled
from core.runs import Run, catalog, phases_of

MAX_ACROSS = 16  # labels: of more a matrix is not read, so its cells are listed
_SHOWN_ELSEWHERE = ("phases", "sources", "source_labels", "architecture")
NOT_COUNTED = "not counted"
_QUALITY = {
    "min_face_px": "Face at least, pixels",
    "min_sharpness": "Sharpness at least",
    "min_brightness": "Brightness at least, of 255",
    "min_visible": "Share of the face in the picture at least",
    "max_yaw": "Turned to a side at most, degrees",
    "max_roll": "Head tilted in the picture at most, degrees",
    "max_turn": "Turned away at most, in eye distances",
    "min_margin": "Lead of the answer at least",
}
_TITLE = re.compile(r"^## (.+)\n", re.M)


@dataclass(frozen=True, slots=True)
class Section:
    """`body` is Markdown."""

    title: str
    body: str


def sections(
    run: Run, card: ModelCard | DetectorCard | None = None, point: OperatingPoint | None = None
) -> tuple[Section, ...]:
    """The card's sections; `card` is of the model that was made of the run, `point` the one in use.

    Of a detector's card only the bill of data is told. Raises `RecordError`.
    """
    _, *parts = _TITLE.split(_card(run, card, point))  # untrusted text begins no line with "#"
    return tuple(Section(title, body.strip()) for title, body in zip(parts[::2], parts[1::2], strict=True))


def numbers(run: Run) -> Section:
    """The data of the charts that go with the card. Raises `RecordError`."""
    kept = np.unique(np.linspace(0, len(run.epochs) - 1, MAX_TABLE).round().astype(int)) if run.epochs else ()
    body = render(
        "numbers.md.j2",
        **told(run),
        epochs=[run.epochs[i] for i in kept],
        MAX_ACROSS=MAX_ACROSS,
        confusion_of=confusion.table,
        most_frequent=_most_frequent,
        filled=filled,
    )
    return Section("The numbers behind the charts", body)


def title(run: Run) -> str:
    return f"Model card: {text(run.name)}"


def markdown(
    run: Run, card: ModelCard | DetectorCard | None = None, point: OperatingPoint | None = None
) -> str:
    """The whole card as one file. Raises `RecordError`.

    Markdown has no charts that every reader shows, so the numbers behind them are in it as tables.
    """
    last = numbers(run)
    return f"{_card(run, card, point)}\n\n## {last.title}\n\n{last.body}\n"


def _card(run: Run, found: ModelCard | DetectorCard | None, point: OperatingPoint | None) -> str:
    config = run.config
    card = found if isinstance(found, ModelCard) else None
    own = operating_point_from_card(card) if card else None
    ours = {weights.sha256 for weights in card.weights.values()} if card else set()
    sources = config.settings.get("sources")
    return render(
        "model_card.md.j2",
        **told(run),
        config=config,
        state=catalog.state(run),
        card=card,
        point=point,
        own=own,
        at_margin=at_margin(run, own.min_margin) if own else None,
        quality=_QUALITY,
        measured=looked_apart_by(run),
        bill=found.data if found else (),
        use=USES[found.use] if found else "",
        NOT_CLEARED=NOT_CLEARED,
        NOT_COUNTED=NOT_COUNTED,
        sources=list(sources.items() if isinstance(sources, dict) else _not_counted(sources)),
        epochs=len(run.epochs) + sum(map(len, run.parts.values())),
        best=run.best_epoch,
        phases=phases_of(config.settings),
        settings=[(k, v) for k, v in config.settings.items() if k not in _SHOWN_ELSEWHERE],
        other_weights=bool(ours) and any(e.weights_sha256 not in ours for e in run.evaluations.values()),
        commands=commands(config),
    )


def _not_counted(sources: object) -> list[tuple[object, str]]:
    """What older records of detectors have: names alone."""
    return [(s, NOT_COUNTED) for s in sources if isinstance(s, str)] if isinstance(sources, list) else []


def _most_frequent(counts: np.ndarray) -> list[tuple[int, int]]:
    """Cells that hold faces, those with most first."""
    cells = [(int(row), int(column)) for row, column in np.argwhere(counts > 0)]
    return sorted(cells, key=lambda cell: -counts[cell])
