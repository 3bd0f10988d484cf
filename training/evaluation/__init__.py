"""What a model is worth: measures, reports, quality gate."""

from training.evaluation import measures
from training.evaluation.face_folder import claim, write_faces
from training.evaluation.mask_colour import colour_of_mask
from training.evaluation.quality_gate import gated
from training.evaluation.report import as_text
from training.evaluation.text_table import table

__all__ = [
    "as_text",
    "claim",
    "colour_of_mask",
    "gated",
    "measures",
    "table",
    "write_faces",
]
