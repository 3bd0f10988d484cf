"""Which examples to learn from and which to choose by: whole groups, and whole sources, stay together."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from training.data.example import Example


def validates(example: Example, share: float, held_out_sources: Sequence[str] = ()) -> bool:
    """Whether an example is one to choose by: of about `share` of the groups, or of a held-out source.

    A group's side depends on its name alone, so it stays there when other data comes or goes.
    """
    return example.source in held_out_sources or place(example.group) < share


def place(group: str) -> float:
    """A number in [0, 1) that looks random and is always the same for a group."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64


def with_near_duplicates(examples: Sequence[Example], numbers: Sequence[int]) -> list[Example]:
    """The examples in larger groups: those of one number, as `near_duplicate_groups` gives, are together too.

    A larger group has the first of its groups' names, so most faces stay on the side where they were.
    """
    from scipy.sparse import coo_array  # takes a second to load, which commands need not
    from scipy.sparse.csgraph import connected_components

    names, of_name = np.unique([e.group for e in examples], return_inverse=True)
    size = len(names) + max(numbers, default=0) + 1
    of_number = np.asarray(numbers, int) + len(names)
    links = coo_array((np.ones(len(examples)), (of_name, of_number)), shape=(size, size))
    part = connected_components(links, directed=False)[1][: len(names)]
    first = {p: str(names[i]) for i, p in reversed(list(enumerate(part.tolist())))}
    return [
        replace(example, group=first[p]) for example, p in zip(examples, part[of_name].tolist(), strict=True)
    ]
