"""Pictures to learn from: manifests, other people's formats, near-duplicates, splits, crops and packs."""

from core.files import open_table
from training.data import near_duplicates
from training.data.allowed_sources import (
    only_allowed,
    require_allowed_photos,
    require_allowed_start,
    require_allowed_teachers,
    teachers_of,
)
from training.data.crops import load_crop, load_crops, read_crops
from training.data.datasets import Dataset, Faces, load_dataset, load_faces, may_be_learned
from training.data.example import Example, Manifest
from training.data.formats import READERS
from training.data.formats.class_names import CLASS_NAMES, NOTHING_SAID, label_of, subtype_of
from training.data.formats.file_names import CORRECTED
from training.data.formats.packed import MAX_ABOUT_BYTES, MAX_SIZE, Contents
from training.data.formats.rows import Row
from training.data.held_out import fingerprint, require_few_sources, shared_groups, tested_part
from training.data.label_corrections import place_of
from training.data.layout import require_known_names, require_several_labels
from training.data.learned_before import groups_before, run_of
from training.data.manifest import read_manifest
from training.data.near_duplicates import near_duplicate_groups
from training.data.options import (
    add_data_options,
    add_reading_options,
    data_root,
    how_to_read,
    one_line_errors,
    plain_name,
    read_data,
)
from training.data.partition import place, with_near_duplicates

__all__ = [
    "CLASS_NAMES",
    "CORRECTED",
    "MAX_ABOUT_BYTES",
    "MAX_SIZE",
    "NOTHING_SAID",
    "READERS",
    "Contents",
    "Dataset",
    "Example",
    "Faces",
    "Manifest",
    "Row",
    "add_data_options",
    "add_reading_options",
    "data_root",
    "fingerprint",
    "groups_before",
    "how_to_read",
    "label_of",
    "load_crop",
    "load_crops",
    "load_dataset",
    "load_faces",
    "may_be_learned",
    "near_duplicate_groups",
    "near_duplicates",
    "one_line_errors",
    "only_allowed",
    "open_table",
    "place",
    "place_of",
    "plain_name",
    "read_crops",
    "read_data",
    "read_manifest",
    "require_allowed_photos",
    "require_allowed_start",
    "require_allowed_teachers",
    "require_few_sources",
    "require_known_names",
    "require_several_labels",
    "run_of",
    "shared_groups",
    "subtype_of",
    "teachers_of",
    "tested_part",
    "with_near_duplicates",
]
