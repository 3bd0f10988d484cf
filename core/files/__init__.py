"""Untrusted files and folders: plain ones only, found without harm."""

from core.files.archives import ARCHIVE_SUFFIXES, Archive, Member, is_archive, open_archive
from core.files.csv_tables import number, open_table, table_rows
from core.files.folders import displayable_name, folders_with, require_displayable_name
from core.files.litter import is_litter
from core.files.redaction import redact_paths
from core.files.regular import is_there, open_regular_file, read_at_most
from core.files.whole import PARTIAL, written_whole

__all__ = [
    "ARCHIVE_SUFFIXES",
    "PARTIAL",
    "Archive",
    "Member",
    "displayable_name",
    "folders_with",
    "is_archive",
    "is_litter",
    "is_there",
    "number",
    "open_archive",
    "open_regular_file",
    "open_table",
    "read_at_most",
    "redact_paths",
    "require_displayable_name",
    "table_rows",
    "written_whole",
]
