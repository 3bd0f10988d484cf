"""The bill of data of a run: what it and the runs that it started from learned from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.errors import RecordError
from core.models import DataSource, Role, Use, use_of
from core.records import MAX_SOURCES, MAX_TEXT
from core.runs import CONFIG_FILE, RunConfig, read_config
from core.text import printable
from training.recipes import COLLECTIONS, NOT_KNOWN, NOTHING, TEACHERS, Claim, backbone_claim

_MOST_RUNS = 20  # that started from one another
_BEFORE_TEACHERS = ("ultraface", "yunet")  # who taught before a file of pseudo-labels said so


def bill_of(run: Path) -> tuple[tuple[DataSource, ...], Use]:
    """The rows, pictures first, and what they allow; of a run that did not record all of it, research.

    A source that several of the runs learned from counts as where most was learned. Raises `RecordError`.
    """
    rows: dict[tuple[Role, str], DataSource] = {}
    complete = True
    for name, config in _with_those_before(run):
        complete &= config is not None and _counts(config.settings.get("source_labels")) is not None
        for row in _rows(config) if config else (_unknown(name),):
            there = rows.get((row.role, row.name))
            rows[row.role, row.name] = _most(there, row) if there else row
    order: tuple[Role, ...] = ("pictures", "teacher", "backbone")
    bill = tuple(sorted(rows.values(), key=lambda row: (order.index(row.role), row.name)))
    if len(bill) > MAX_SOURCES:
        raise RecordError(f"{run}: learned from {len(bill)} sources, more than a card holds ({MAX_SOURCES}).")
    return bill, use_of(bill) if complete else "research"


def _with_those_before(run: Path) -> Iterator[tuple[str, RunConfig | None]]:
    """The run, that which it started from, and so on; None for one whose record does not lie beside it."""
    for _ in range(_MOST_RUNS):
        config = read_config(run) if (run / CONFIG_FILE).is_file() else None
        yield run.name, config
        before = config.settings.get("started_from") if config else None
        if not isinstance(before, str) or not before:
            return
        run = run.resolve().parent / Path(before).name
    yield "earlier runs", None


def _rows(config: RunConfig) -> Iterator[DataSource]:
    said = config.settings
    counts = _counts(said.get("source_labels"))
    if counts is not None:
        pictures = said.get("sources")
        of_source = pictures if isinstance(pictures, dict) else {}
        for source, faces in counts.items():
            n = of_source.get(source) if config.task == "detect" else sum(faces.values())
            yield _row(source, "pictures", COLLECTIONS.get(source, NOT_KNOWN), n, faces)
    else:
        yield from _rows_of_old_record(config)
    teachers = said.get("teachers")
    named = dict(teachers) if isinstance(teachers, dict) else {}
    if not named and said.get("taught"):
        named = dict.fromkeys(_BEFORE_TEACHERS)
    if config.task == "classify" and config.split_sizes.get("drawn"):
        named = {"yunet": None}  # its points say where a mask goes
    for teacher, n in named.items():
        yield _row(teacher, "teacher", TEACHERS.get(teacher, NOT_KNOWN), n)
    weights = said.get("backbone_weights")
    if isinstance(weights, str) and weights != NOTHING and not said.get("started_from"):
        claim = backbone_claim(weights, str(said.get("backbone", "")))
        yield _row("ImageNet weights of Keras" if weights == "imagenet" else weights, "backbone", claim)


def _rows_of_old_record(config: RunConfig) -> Iterator[DataSource]:
    """Names, and the number of real pictures where that was recorded."""
    sources = config.settings.get("sources")
    for source in sources if isinstance(sources, (dict, list)) else ():
        n = sources[source] if isinstance(sources, dict) else None
        yield _row(str(source), "pictures", COLLECTIONS.get(str(source), NOT_KNOWN), n)
    if drawn := config.split_sizes.get("drawn"):
        yield _row("drawn masks", "pictures", Claim("not recorded whose"), drawn)


def _row(
    name: str, role: Role, claim: Claim, n: object = None, faces: Mapping[str, int] | None = None
) -> DataSource:
    return DataSource(
        name=printable(name, MAX_TEXT),
        role=role,
        licence=claim.licence,
        use=claim.use,
        pictures=n if isinstance(n, int) and n >= 0 else None,
        faces=dict(faces or {}),
    )


def _unknown(run: str) -> DataSource:
    return _row(f"run {run}, whose record is not here", "backbone", NOT_KNOWN)


def _most(a: DataSource, b: DataSource) -> DataSource:
    labels = sorted({*a.faces, *b.faces})
    faces = {label: max(a.faces.get(label, 0), b.faces.get(label, 0)) for label in labels}
    known = [n for n in (a.pictures, b.pictures) if n is not None]
    return a.model_copy(update={"faces": faces, "pictures": max(known, default=None)})


def _counts(said: Any) -> dict[str, dict[str, int]] | None:
    """`source_labels` of a record as it should be, else None: it may be a stranger's."""
    if not isinstance(said, dict) or not all(
        isinstance(faces, dict) and all(isinstance(n, int) and n >= 0 for n in faces.values())
        for faces in said.values()
    ):
        return None
    return {str(source): {str(label): n for label, n in faces.items()} for source, faces in said.items()}
