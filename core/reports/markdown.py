"""Markdown of records that stays what it is: untrusted text is text, and what is undefined is said so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from core.metrics import format_interval, percent, rate, wilson
from core.text import printable

LONGEST = 200  # characters of an untrusted text
LONGEST_NAME = 60  # of a label or a source, of which a card may hold thousands
MAX_TABLE = 200  # rows: more are not read, and the record has them all
_MARKS = re.compile(r"([\\`*\[\]<>{}()#|~$&!]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_NUMBERED, _LISTED = re.compile(r"^(\d+)\.(?= |$)"), re.compile(r"^([-+=])")  # at the start of a line
# What readers make links of though it is marked as text: a word joiner, which is not seen, parts it.
_LINKS = re.compile(r"(?i)(?<=:)(?=//)|(?<=www)(?=\.)|(?=@)")
_WORD_JOINER = "\u2060"


def text(value: Any, longest: int = LONGEST) -> str:
    """Any value of a record on one line, shown as it is: no mark-up, link, picture or HTML comes of it."""
    if isinstance(value, float):
        value = f"{value:g}"
    elif not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False)
    line = printable(" ".join(value[: 10 * longest].split()), longest)
    marked = _LISTED.sub(r"\\\1", _NUMBERED.sub(r"\1\\.", _MARKS.sub(r"\\\1", line)))
    return _LINKS.sub(_WORD_JOINER, marked)


def name(value: str) -> str:
    """A label's or source's name on one line: see `text`."""
    return text(value, LONGEST_NAME)


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, of: int | None = None) -> str:
    """Cells are Markdown already. Of more than `MAX_TABLE` rows the first are kept, and it says so."""
    rows = list(rows)
    kept = [header, ["---"] * len(header), *islice(rows, MAX_TABLE)]
    lines = [f"| {' | '.join(row)} |" for row in kept]
    total = len(rows) if of is None else of
    if total > min(len(rows), MAX_TABLE):
        lines += ["", f"{min(len(rows), MAX_TABLE):,} of {total:,} rows; the record has them all."]
    return "\n".join(lines)


def bullets(items: Iterable[str]) -> str:
    """Items are Markdown already."""
    return "\n".join(f"- {item}" for item in items)


def code(lines: Iterable[str]) -> str:
    """A block of commands. A line must be one line and not begin with a backtick."""
    return "\n".join(["```bash", *lines, "```"])


def paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join(_not_empty(parts))


def _not_empty(parts: Iterable[str]) -> Iterator[str]:
    return (part for part in parts if part)


def counted(hits: int, n: int, what: str = "faces") -> str:
    """A proportion of counts with Wilson's interval."""
    return f"{percent(rate(hits, n))} of {n:,} {what} ({format_interval(wilson(hits, n))})"
