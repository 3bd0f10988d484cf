"""Markdown of records that stays what it is: untrusted text is text, and what is undefined is said so.

Templates (Jinja2, in `templates/`) are written as prose: lines that follow each other are one paragraph,
blank lines part blocks, rows of tables and items of lists stand on lines of their own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.labels import appearance
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
_FOLDED = re.compile(r"\n(?!\| |- )")  # an end of a line that is none of a row or an item


class Markdown(str):
    """Text that may stand in a template as it is. Any other value goes through `text`."""


def text(value: Any, longest: int = LONGEST) -> Markdown:
    """Any value of a record on one line, shown as it is: no mark-up, link, picture or HTML comes of it."""
    if isinstance(value, float):
        value = f"{value:g}"
    elif not isinstance(value, str):
        value = json.dumps(value, ensure_ascii=False)
    line = printable(" ".join(value[: 10 * longest].split()), longest)
    marked = _LISTED.sub(r"\\\1", _NUMBERED.sub(r"\1\\.", _MARKS.sub(r"\\\1", line)))
    return Markdown(_LINKS.sub(_WORD_JOINER, marked))


def name(value: str) -> Markdown:
    """A label's or source's name on one line: see `text`."""
    return text(value, LONGEST_NAME)


def counted(hits: int, n: int, what: str = "faces") -> Markdown:
    """A rate of counts with Wilson's interval; `what` is Markdown."""
    return Markdown(f"{percent(rate(hits, n))} of {n:,} {what} ({format_interval(wilson(hits, n))})")


def setting(value: Any) -> Markdown:
    """A setting of a recipe: lists of words as words."""
    if value in (None, [], {}):
        return Markdown("none")
    words = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return text(", ".join(value) if words else value)


def render(template: str, **values: Any) -> str:
    """One of `templates/`, its lines folded. Raises `RecordError` where a record's figures are missing."""
    written = environment().get_template(template).render(values)
    lines = (line.strip() for line in written.strip().splitlines())
    blocks = re.split(r"\n{2,}", "\n".join(lines))
    return "\n\n".join(block if block.startswith("```") else _FOLDED.sub(" ", block) for block in blocks)


class _Environment(Environment):
    @staticmethod
    def concat(parts: Iterable[str]) -> Markdown:  # what macros give is escaped already
        return Markdown("".join(parts))


@cache
def environment() -> Environment:
    """Finds `templates/` and gives them their filters. A value that is no `Markdown` goes through `text`."""
    found = _Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=False,  # this is Markdown, no HTML; `finalize` escapes every value for it
        finalize=lambda value: value if isinstance(value, Markdown) else text(value),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters |= {
        "code": Markdown,  # a command: one line of plain words
        "error": lambda value: Markdown("no examples" if value != value else f"{value:.3f}"),
        "interval": lambda value: Markdown(format_interval(value)),
        "name": name,
        "number": lambda value, form="": Markdown(format(value, form)),
        "percent": lambda value: Markdown(percent(value)),
        "setting": setting,
        "short": lambda label: name(appearance(label).short),
        "text": text,
    }
    found.globals |= {"MAX_TABLE": MAX_TABLE, "appearance": appearance, "counted": counted, "rate": rate}
    return found
