"""How a data set lies in its folders, in words, where it cannot be learned from as it lies."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from core.errors import RecordError
from core.files import is_litter
from core.labels import RESERVED, LabelSet
from core.text import printable
from training.data.example import Manifest
from training.data.formats.class_names import OURS

_WANTED = """wanted: a folder for each label, as it is or within the parts of a split
  with_mask/ without_mask/            pictures in each
  train/with_mask/ train/without_mask/ test/with_mask/ test/without_mask/"""
_DEPTH, _SHOWN = 3, 12


def layout_error(root: Path, problem: str, remedy: str = "Add pictures of another label") -> RecordError:
    """With the layout that was found and the one that is wanted."""
    return RecordError(
        f"{printable(str(root), 300)}: {printable(problem, 300)}. {remedy}, or move the folders.\n"
        f"found:\n{found_layout(root)}\n{_WANTED}"
    )


def found_layout(root: Path) -> str:
    """The folders under `root`, three levels deep, each with how many files lie in it."""
    counts: Counter[str] = Counter()
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root).parts
        if not any(map(is_litter, inside)) and path.is_file():
            counts["/".join(inside[:-1][:_DEPTH])] += 1
    lines = [
        f"  {printable(name, 100) + '/' if name else '(itself)'}  {n} files" for name, n in counts.items()
    ]
    more = len(lines) - _SHOWN
    return "\n".join(lines[:_SHOWN] + ([f"  and {more} more folders"] if more > 0 else [])) or "  nothing"


def require_known_names(manifest: Manifest, labels: LabelSet) -> None:
    """Raises `RecordError` that names classes of the data that are none of `labels`, nor a label of ours."""
    others = Counter(e.label for e in manifest.examples if e.label not in {*labels, *OURS})
    if others:
        named = ", ".join(f"{printable(name)} ({n} faces)" for name, n in sorted(others.items())[:_SHOWN])
        first = printable(min(others))
        raise RecordError(
            f"The data has classes that are not known: {named}. Say what each means, such as --class "
            f"'{first}={labels.labels[0]}', or leave it out: --class '{first}='. The names that are known, "
            "and how to add one: docs/training.md."
        )


def require_several_labels(manifest: Manifest, root: Path) -> None:
    """Raises `RecordError` where what is learned from or chosen by, or a part of it, has one label."""
    by_split: dict[str, set[str]] = defaultdict(set)
    for example in manifest.of_split("", "train", "validation"):
        if example.label not in RESERVED:
            by_split[example.split].add(example.label)
    for split, found in by_split.items():
        if len(found) == 1:
            part = f"the part {split!r}" if split else "the data"
            only = printable(next(iter(found)))
            raise layout_error(
                root, f"{part} has one label alone, {only}, which leaves nothing to tell apart"
            )
