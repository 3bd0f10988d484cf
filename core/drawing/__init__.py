"""Answers drawn on pictures: annotations, hidden faces, colours that can be told apart."""

from core.drawing.annotations import annotate
from core.drawing.anonymise import blur_faces
from core.drawing.contrast import ink_on
from core.drawing.outcomes import Marked, marked_crop
from core.drawing.planes import annotate_planes, blur_planes

__all__ = [
    "Marked",
    "annotate",
    "annotate_planes",
    "blur_faces",
    "blur_planes",
    "ink_on",
    "marked_crop",
]
