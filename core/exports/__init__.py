"""Results in other programs' formats."""

from core.exports import tables
from core.exports.archive import zip_of
from core.exports.coco import to_coco
from core.exports.films import chapters_to_vtt, frames_to_csv, people_to_csv
from core.exports.names import file_name, unused_name
from core.exports.tables import events_to_csv
from core.exports.voc import to_voc

__all__ = [
    "chapters_to_vtt",
    "events_to_csv",
    "file_name",
    "frames_to_csv",
    "people_to_csv",
    "tables",
    "to_coco",
    "to_voc",
    "unused_name",
    "zip_of",
]
