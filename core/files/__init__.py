"""Untrusted files and folders: plain ones only, found without harm."""

from core.files.folders import holding, require_name, shown
from core.files.places import without_places
from core.files.plain import is_there, open_plain, read_at_most

__all__ = [
    "holding",
    "is_there",
    "open_plain",
    "read_at_most",
    "require_name",
    "shown",
    "without_places",
]
