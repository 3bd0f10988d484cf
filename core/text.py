"""Text that came from elsewhere, made fit to be shown or written."""

from __future__ import annotations

import re
import unicodedata
from typing import Any


def printable(text: str, longest: int = 80) -> str:
    """Untrusted text on one line, without control or direction characters, cut in the middle."""
    clean = "".join(c for c in text if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029")
    clean = clean.strip() or "(no name)"
    tail = longest // 3
    return clean if len(clean) <= longest else f"{clean[: longest - tail - 1]}…{clean[-tail:]}"


def plural(n: int, what: str) -> str:
    """As "1 face" or "1,200 faces"."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def writable(name: str) -> str:
    """The name of a file, with escapes for what is not UTF-8, so that a file can hold it."""
    return name.encode("utf-8", "backslashreplace").decode()


def is_url(name: str) -> bool:
    """Of whatever scheme: what cannot be fetched is refused as an address, not as a file."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", name) is not None


# OWASP's list of what spreadsheets run, full-width forms included
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - full-width is meant


def escape_spreadsheet_cell(cell: Any) -> Any:
    """The cell as it is; text that a spreadsheet would run as a formula with a ' in front."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
