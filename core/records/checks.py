"""Whether the counts of a record fit each other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable


def require_at_most(field: str, few: int, many: int) -> None:
    """Raises `ValueError` when `few` were counted among `many` and are more."""
    if few > many:
        raise ValueError(f"{field} says {few}, but there are only {many}")


def require_known(field: str, names: Iterable[Hashable], of: Iterable[Hashable]) -> None:
    """Raises `ValueError` unless `names` are among `of`, each once."""
    names = list(names)
    if len(names) > len(set(names)) or not set(names) <= set(of):
        raise ValueError(f"{field} names something twice, or that the record does not know")
