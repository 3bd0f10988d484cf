"""Folders of records in one that a user named: each is untrusted, and a broken one hides no other."""

from __future__ import annotations

import logging
from pathlib import Path

from core.errors import RecordError
from core.files.regular import is_there
from core.text import printable

log = logging.getLogger(__name__)

MAX_LISTED = 20_000  # names in one folder that are looked at
MAX_FOUND = 2_000
_LONGEST_NAME = 255


def folders_with(root: Path, *files: str) -> dict[str, Path]:
    """Folders in `root` that hold one of `files`, sorted, by their names as they can be shown.

    With those that cannot be looked into: whoever reads one is told why. Empty where `root` cannot be listed.
    """
    try:
        names = sorted(path.name for path in root.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as problem:
        log.warning("%s cannot be listed (%s), so nothing in it is offered.", root, problem.strerror)
        return {}
    found: dict[str, Path] = {}
    for name in names[:MAX_LISTED]:
        if any(is_there(root / name / file) for file in files):
            found[displayable_name(name)] = root / name
    if len(found) > MAX_FOUND or len(names) > MAX_LISTED:
        log.warning("%s holds too many folders. The first %d are offered.", root, min(len(found), MAX_FOUND))
    return dict(list(found.items())[:MAX_FOUND])


def displayable_name(name: str) -> str:
    """A file's name; where it cannot be shown, with escapes in place of what cannot."""
    return name if _can_be_shown(name) else ascii(name)[1:-1]


def require_displayable_name(folder: Path) -> None:
    """Raises `RecordError` for a folder whose name is not UTF-8, or holds what steers a screen."""
    if not _can_be_shown(folder.name):
        raise RecordError(
            f"{displayable_name(folder.name)}: the folder's name holds characters that cannot be shown. "
            "Rename it."
        )


def _can_be_shown(name: str) -> bool:
    return printable(name, _LONGEST_NAME) == name
