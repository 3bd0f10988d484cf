"""The photo page: sources, settings, results, downloads."""

from ui.photos import downloads, results, settings, sources
from ui.photos.face_cards import show_face_cards
from ui.photos.results import CARDS_AT_ONCE, CARDS_BESIDE, NO_FACE, dropped, summary

__all__ = [
    "CARDS_AT_ONCE",
    "CARDS_BESIDE",
    "NO_FACE",
    "downloads",
    "dropped",
    "results",
    "settings",
    "show_face_cards",
    "sources",
    "summary",
]
