"""Corrected labels, applied to the data before anything else sees it: see `core.runs.label_fixes`."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import RecordError
from core.runs import NO_FACE, BoxKey, LabelFix, place, read_fixes
from core.text import printable
from training.data.example import Example, Manifest

log = logging.getLogger(__name__)

_SHOWN = 10  # lines that change nothing, in the log


def place_of(example: Example, root: Path) -> BoxKey:
    """Where a face is in data with pictures under `root`; a packed file goes by its name."""
    path = example.path
    if example.row is not None:
        shown = path.name
    else:
        shown = (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
    # A name that is not UTF-8 comes as lone surrogates, which no file can be written with.
    return place(shown.encode("utf-8", "replace").decode(), example.row, example.box)


def apply_corrections(manifest: Manifest, path: Path, root: Path) -> Manifest:
    """`manifest` as the CSV at `path` corrects it, under another sha256 if that changed anything.

    The last line about a face holds. A line about a face that is not there, or that the data calls something
    else by now, is named and counted, the rest kept. Raises `RecordError`.
    """
    fixes, problems = read_fixes(path)
    waiting = {fix.place: fix for fix in fixes}
    examples: list[Example] = []
    counts: Counter[str] = Counter()
    digest = hashlib.sha256(manifest.sha256.encode())
    unmatched = dict(waiting)
    for example in manifest.examples:
        where = place_of(example, root)
        unmatched.pop(where, None)
        label = _corrected(example, waiting.get(where), problems)
        if label != example.label:
            digest.update(repr((where, label)).encode())
            counts["left out" if label is None else "corrected"] += 1
        if label is not None:
            examples.append(replace(example, label=label))
    problems += [f"{_named(fix)}: is not in the data" for fix in unmatched.values()]
    log.info("%s: %d labels corrected, %d faces left out", path, counts["corrected"], counts["left out"])
    _log_unused(path, problems)
    if not examples:
        raise RecordError(f"{path}: leaves no face. Remove lines that say {NO_FACE}.")
    if not counts:
        return manifest
    return replace(manifest, examples=tuple(examples), sha256=digest.hexdigest())


def _corrected(example: Example, fix: LabelFix | None, problems: list[str]) -> str | None:
    """The label, None when the face is to be left out."""
    if fix is None or fix.right_label == example.label:
        return example.label
    if fix.label and fix.label != example.label:
        problems.append(f"{_named(fix)}: the data says {example.label}, not {fix.label}")
        return example.label
    return None if fix.right_label == NO_FACE else fix.right_label


def _named(fix: LabelFix) -> str:
    path, row, box = fix.place
    return path + (f" row {row}" if row is not None else "") + (f" box {box}" if box else "")


def _log_unused(path: Path, problems: Sequence[str]) -> None:
    for problem in problems[:_SHOWN]:
        log.warning(printable(problem, longest=300))  # parts of it are untrusted
    if len(problems) > _SHOWN:
        log.warning("and %d more lines of %s that change nothing", len(problems) - _SHOWN, path.name)
