"""Words on the screen."""

from __future__ import annotations

import re
from html import escape

_MARKS = re.compile(r"([\\`*\[\]<>$~|]|^#)")  # not _ and &: they belong to addresses, and do no harm


def plain(text: str) -> str:
    """Text of a stranger, a file's name or an error that holds one, shown as it is and not as Markdown.

    Unescaped, a file named `![](https://example.org/x.png)` would make the visitor's browser ask that site.
    """
    return _MARKS.sub(r"\\\1", text)


def in_chart(text: str, longest: int = 40) -> str:
    """Text of a stranger for a Plotly figure, which takes tags and even links for its own: as it is."""
    shown = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return escape(" ".join(shown.split()), quote=False)
