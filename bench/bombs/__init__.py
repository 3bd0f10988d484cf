"""Files made to cost more than they weigh: families of them, each by a number. All are made here, by code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.bombs import heif, jpeg, older, png, tiff

FAMILIES: dict[Callable[[int], bytes], int] = {
    **png.FAMILIES,
    **jpeg.FAMILIES,
    **tiff.FAMILIES,
    **older.FAMILIES,
    **heif.FAMILIES,
}
"""How many each has."""


def bombs(every: int = 1) -> Iterator[tuple[str, bytes]]:
    """(family, file) of every so-manieth of each family, and always its first."""
    for make, count in FAMILIES.items():
        for number in range(0, count, every):
            yield f"bomb: {make.__name__}", make(number)
