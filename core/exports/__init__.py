"""Results in other programs' formats."""

from core.exports import tables
from core.exports.archive import zip_of
from core.exports.coco import to_coco
from core.exports.tables import events_to_csv
from core.exports.voc import to_voc

__all__ = [
    "events_to_csv",
    "tables",
    "to_coco",
    "to_voc",
    "zip_of",
]
