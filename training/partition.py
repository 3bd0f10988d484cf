"""Which examples to learn from and which to choose by: whole groups, and whole sources, stay together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from training.manifest import Example


def partition(
    examples: Sequence[Example], share: float, held_out_sources: Sequence[str] = ()
) -> tuple[list[Example], list[Example]]:
    """(training, validation): about `share` of the groups, and all of the held-out sources, validate.

    A group's side depends on its name alone, so it stays there when other data comes or goes.
    """
    training: list[Example] = []
    validation: list[Example] = []
    for example in examples:
        validates = example.source in held_out_sources or place(example.group) < share
        (validation if validates else training).append(example)
    return training, validation


def place(group: str) -> float:
    """A number in [0, 1) that looks random and is always the same for a group."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64
