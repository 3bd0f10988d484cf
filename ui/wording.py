"""Words on the screen."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\`*\[\]<>$~|]|^#)")  # not _ and &: they belong to addresses, and do no harm


def plain(text: str) -> str:
    """Text of a stranger, a file's name or an error that holds one, shown as it is and not as Markdown.

    Unescaped, a file named `![](https://example.org/x.png)` would make the visitor's browser ask that site.
    """
    return _MARKS.sub(r"\\\1", text)
