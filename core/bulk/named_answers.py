"""Answers that the user named: whether a model has them, and which faces do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.errors import JobError
from core.labels import CANNOT_TELL, NOT_PROPERLY, wearing_of


def require_answers(wanted: Iterable[str], labels: Iterable[str], model: str) -> None:
    """Raises `JobError` for what a model of these labels never answers."""
    labels = list(labels)
    known = dict.fromkeys([*labels, *map(wearing_of, labels), NOT_PROPERLY, CANNOT_TELL])
    if unknown := [answer for answer in wanted if answer not in known]:
        raise JobError(f"{', '.join(unknown)}: {model} has no such answer. Choose among {', '.join(known)}.")


def is_one_of(answer: str, unclear_between: Iterable[str], wanted: Iterable[str]) -> bool:
    """Whether a face has one of these answers, by label or by what is worn, whatever else its label says.

    One that is not worn properly has, too, if each way it may be is one of them.
    """
    if {answer, wearing_of(answer)} & set(wanted):
        return True
    return answer == NOT_PROPERLY and set(unclear_between) <= set(wanted)


def count_of(summary: dict[str, Any], wanted: Iterable[str]) -> int:
    """How many faces of a job have one of these answers."""
    wanted = set(wanted)
    clear = ((answer, (), n) for answer, n in summary["answers"].items() if answer != NOT_PROPERLY)
    unclear = ((NOT_PROPERLY, ways.split("/"), n) for ways, n in summary["unclear_between"].items())
    return sum(n for answer, ways, n in (*clear, *unclear) if is_one_of(answer, ways, wanted))
