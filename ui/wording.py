"""Words on the screen: untrusted text is shown as it is, whatever reads it."""

from __future__ import annotations

import re
from html import escape

from core.files import redact_paths
from core.text import printable

LONGEST = 2_000  # characters of a message
_MARKS = re.compile(r"([\\`*\[\]<>$~|&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_AT_START = re.compile(r"^(?:([#+=-])|(\d+)([.)]))")
# What Streamlit reads in text though its marks are escaped: addresses, :smile:, :material/face:, :red, ->
_READ_ANYWAY = re.compile(r"(?i)(?<=:)(?=[^\s:])|(?<=www)(?=\.)|(?=@)|(?<=[-<>=~])(?=\\?[-<>=])")
_IN_CHARTS = re.compile(r"(?<=%)(?=\{)|(?<=\$)")  # what Plotly puts numbers or formulas for
_WORD_JOINER = "\u2060"  # is not seen, and parts them


def plain(text: str, longest: int = LONGEST) -> str:
    """Untrusted text, such as a file's name or an error that holds one, shown as it is and not as Markdown.

    Unescaped, a file named `![](https://example.org/x.png)` would make the visitor's browser ask that site.
    It comes on one line, without the folders of this server.
    """
    line = one_line(redact_paths(text), longest)
    marked = _AT_START.sub(_escaped, _MARKS.sub(r"\\\1", line))
    return _READ_ANYWAY.sub(_WORD_JOINER, marked)


def _escaped(start: re.Match[str]) -> str:
    return f"\\{start[1]}" if start[1] else f"{start[2]}\\{start[3]}"


def one_line(text: str, longest: int = LONGEST) -> str:
    """Untrusted text where nothing is read into it, such as in a list to choose from."""
    return printable(" ".join(text[: 10 * longest].split()), longest) if text.strip() else ""


def in_chart(text: str, longest: int = 40) -> str:
    """Untrusted text for a Plotly figure, which takes tags and even links for its own: as it is."""
    line = one_line(text)
    shown = line if len(line) <= longest else f"{line[: longest - 1]}…"
    return _IN_CHARTS.sub(_WORD_JOINER, escape(shown, quote=False))


def share_in_words(probability: float) -> str:
    """A model's probability in whole percent; never "0%" or "100%", as no model is that sure."""
    percent = round(100 * probability)
    return ">99%" if percent > 99 else "<1%" if percent < 1 else f"{percent}%"
