"""What a recipe of open weights may learn from. All of it is asked before a picture is read."""

from __future__ import annotations

import csv
import logging
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from core.errors import RecordError
from core.files import open_table
from core.runs import read_config
from core.text import printable
from training.data.example import Example, Manifest
from training.data.learned_before import run_of
from training.recipes import IMAGENET, NOTHING, TEACHERS, DetectionRecipe, Recipe, backbone_claim, load_any

log = logging.getLogger(__name__)

AnyRecipe = Recipe | DetectionRecipe
_LEARNED = ("", "train", "validation")  # the test part is not looked at, so its sources do not matter


def only_allowed(
    recipe: AnyRecipe, manifest: Manifest, *, leave_out: bool = False, among: Collection[str] = ()
) -> Manifest:
    """The manifest, if the recipe may learn from all sources in it, `among` these where any are named.

    With `leave_out` without the rows of others, which are counted. Raises `RecordError` where there are
    others, or nothing is left.
    """
    if not recipe.allowed_sources:
        if leave_out:
            raise RecordError(f"{recipe.name} may learn from any source. Leave out --allowed-only.")
        return manifest
    others = Counter(
        e.source
        for e in manifest.examples
        if e.split in _LEARNED and (not among or e.source in among) and not _is_allowed(recipe, e)
    )
    if not others:
        return manifest
    if not leave_out:
        raise RecordError(
            f"{recipe.name} learns only from {_named(recipe.allowed_sources)}, whose claimed licences allow "
            f"any use. The data also has {_counted(others)}. Leave them out by --allowed-only."
        )
    kept = tuple(e for e in manifest.examples if e.split not in _LEARNED or _is_allowed(recipe, e))
    if not any(e.split in _LEARNED for e in kept):
        raise RecordError(
            f"The data has nothing that {recipe.name} may learn from. It has {_counted(others)}; give "
            f"pictures of {_named(recipe.allowed_sources)}."
        )
    log.info("Left out, as %s may not learn from them: %s", recipe.name, _counted(others))
    return replace(manifest, examples=kept)


def require_allowed_start(recipe: AnyRecipe, weights: str, started_from: Path | None) -> None:
    """Raises `RecordError` where training would go on from weights that learned from other sources."""
    if not recipe.allowed_sources:
        return
    name = Path(weights).name
    if weights not in (IMAGENET, NOTHING) and backbone_claim(name, "").use != "any":
        raise RecordError(
            f"--backbone-weights {printable(name)}: {recipe.name} may begin only from ImageNet weights under "
            f"the name that Keras publishes them by, {IMAGENET!r} or {NOTHING!r}, since nobody knows what "
            "others learned from."
        )
    if started_from is None:
        return
    try:
        run = run_of(started_from)
        before = read_config(run)
        allowed = load_any(before.recipe).allowed_sources
    except RecordError as problem:
        raise RecordError(
            f"--start-from {started_from}: what it learned from is not known. {problem}"
        ) from None
    if not allowed or not set(allowed) <= set(recipe.allowed_sources):
        raise RecordError(
            f"--start-from {started_from}: {run.name} was trained by {printable(before.recipe)}, which may "
            f"learn from more than {recipe.name} may. Start from a run of {recipe.name}, or from ImageNet "
            "weights."
        )


def teachers_of(taught: Path | None) -> dict[str, int]:
    """How many pseudo-labels each teacher gave, by the column `teacher`; several are joined by "+".

    Empty for None, and for a file from before there was such a column. Raises `RecordError`.
    """
    found: Counter[str] = Counter()
    try:
        if taught is not None:
            with open_table(taught) as lines:
                reader = csv.DictReader(lines)
                if "teacher" in (reader.fieldnames or ()):
                    for row in reader:
                        found.update((row["teacher"] or "").split("+"))
    except (OSError, ValueError, csv.Error) as problem:
        raise RecordError(
            f"{taught}: cannot be read: {problem}. Write it again by training.detection.teach."
        ) from None
    return dict(sorted(found.items()))


def require_allowed_teachers(recipe: AnyRecipe, taught: Path | None, teachers: Mapping[str, int]) -> None:
    """Raises `RecordError` where a teacher's licence does not allow any use, or no teacher is named."""
    if not recipe.allowed_sources or taught is None:
        return
    allowed = [name for name, claim in TEACHERS.items() if claim.use == "any"]
    again = f"Write it again by training.detection.teach with {_named(allowed)}."
    if not teachers:
        raise RecordError(f"{taught}: does not say who taught, or holds nothing. {again}")
    others = {name or "nobody named": n for name, n in teachers.items() if name not in allowed}
    if others:
        raise RecordError(f"{taught}: {recipe.name} may not learn from {_counted(others)}. {again}")


def require_allowed_photos(recipe: AnyRecipe, face_free: Path | None) -> None:
    """Raises `RecordError` where photos without a face are given, whose licence nobody knows."""
    if recipe.allowed_sources and face_free is not None:
        raise RecordError(
            f"--face-free {face_free}: {recipe.name} learns only from {_named(recipe.allowed_sources)}. "
            "Leave it out: shapes and shuffled pictures are learned from in its place."
        )


def _is_allowed(recipe: AnyRecipe, example: Example) -> bool:
    return example.source in recipe.allowed_sources


def _named(names: Iterable[str]) -> str:
    return ", ".join(map(printable, names))


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{printable(name)} ({n:,})" for name, n in sorted(counts.items())[:20])
