"""The bill of data in a card: what weights learned from, and what the licences of that, as claimed, allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from core.records import MAX_SOURCES, NonNegativeInt, Record, Text

Use = Literal["any", "research"]
"""What weights may be used for, going by the licences claimed: anything, or research and the like alone."""
Role = Literal["pictures", "teacher", "backbone"]
USES: dict[Use, str] = {
    "any": "for any use, as far as the licences claimed go",
    "research": "for research and non-commercial use",
}
NOT_CLEARED = "No source clears the rights of the people shown in its pictures."


class DataSource(Record):
    """A row of the bill: what was learned from it, and the licence that it claims.

    `role`: its pictures were learned from, it labelled pictures (teacher), or training began with its weights
    (backbone). `pictures` is their number and `faces` that of the faces by label, where they were counted; of
    a teacher its labels.
    """

    name: Text
    role: Role
    licence: Text
    use: Use
    pictures: NonNegativeInt | None = None
    faces: Annotated[dict[Text, NonNegativeInt], Field(max_length=MAX_SOURCES, default_factory=dict)]


DataBill = Annotated[tuple[DataSource, ...], Field(max_length=MAX_SOURCES)]


def use_of(bill: Sequence[DataSource]) -> Use:
    """Any, where pictures are named and every row allows any; so weights without a bill are for research."""
    named = any(source.role == "pictures" for source in bill)
    return "any" if named and all(source.use == "any" for source in bill) else "research"


def require_use(use: Use, bill: Sequence[DataSource]) -> None:
    """Raises `ValueError` for a card that allows more than its bill of data does."""
    if use == "any" and use_of(bill) != "any":
        stricter = ", ".join(source.name for source in bill if source.use != "any") or "no pictures at all"
        raise ValueError(f"use says any, but data names {stricter}: give research")
