"""The photo page: sources, settings, results, downloads."""

from ui.photos import answers, checking, corrections, faces, intake, results, settings, sources
from ui.photos.answers import NO_FACE, dropped, summary
from ui.photos.face_cards import CARDS_AT_ONCE, CARDS_BESIDE, show_face_cards

__all__ = [
    "CARDS_AT_ONCE",
    "CARDS_BESIDE",
    "NO_FACE",
    "answers",
    "checking",
    "corrections",
    "dropped",
    "faces",
    "intake",
    "results",
    "settings",
    "show_face_cards",
    "sources",
    "summary",
]
