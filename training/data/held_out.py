"""Which pictures a model may be tested on: the test part, and nothing that training saw."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.errors import RecordError
from core.records import MAX_SOURCES, MAX_TEXT
from core.runs import GROUPS_FILE, Leakage, group_hash, read_groups
from training.data.example import Example, Manifest


def tested_part(manifest: Manifest) -> Sequence[Example]:
    """All of it where it has no split. Raises `RecordError` when there is none."""
    if not any(e.split for e in manifest.examples):
        return manifest.examples
    if not (examples := manifest.of_split("test")):
        raise RecordError("No row of the data has split=test, so there is nothing to evaluate on.")
    return examples


def fingerprint(examples: Iterable[Example]) -> str:
    """SHA-256 of the faces, their labels and their order, without where the data's folder lies.

    Faces without a source have the folder's name as theirs, which counts.
    """
    digest = hashlib.sha256()
    for e in examples:
        digest.update(repr((e.source, e.group, e.path.name, e.row, e.box, e.face_px, e.label)).encode())
    return digest.hexdigest()


def require_few_sources(sources: set[str]) -> None:
    """A record tells sources apart one by one: what it cannot hold is said before the work, not after."""
    if len(sources) > MAX_SOURCES or max(map(len, sources)) > MAX_TEXT:
        raise RecordError(
            f"The test pictures are of {len(sources)} sources. A record holds at most {MAX_SOURCES}, with "
            f"names of at most {MAX_TEXT} characters. Give pictures from one place one source."
        )


def shared_groups(run: Path, examples: Sequence[Example], *, allowed: bool) -> Leakage:
    """What `examples` share with a run. Raises `RecordError` when that is anything and not `allowed`."""
    if not (run / GROUPS_FILE).is_file():
        return Leakage(n=len(examples), allowed=allowed)
    seen = read_groups(run)
    shared = [e.group for e in examples if group_hash(e.group) in seen]
    if shared and not allowed:
        raise RecordError(
            f"{len(shared)} of {len(examples)} test faces are of groups that {run.name} learned from or "
            f"chose by, such as {shared[0]!r}. Take other pictures, or add --allow-shared-groups to measure "
            "all the same; the record then says so."
        )
    return Leakage(n=len(examples), shared_groups=len(set(shared)), shared_faces=len(shared), allowed=allowed)
