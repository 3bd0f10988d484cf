"""Untrusted files and folders: plain ones only, found without harm."""

from core.files.folders import displayable_name, folders_with, require_displayable_name
from core.files.redaction import redact_paths
from core.files.regular import is_there, open_regular_file, read_at_most

__all__ = [
    "displayable_name",
    "folders_with",
    "is_there",
    "open_regular_file",
    "read_at_most",
    "redact_paths",
    "require_displayable_name",
]
