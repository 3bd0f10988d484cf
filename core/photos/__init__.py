"""Pictures that somebody has checked: kept with what was found on them, and drawn."""

from core.photos.album import Album, MemoryBudget, Photo, counts

__all__ = [
    "Album",
    "MemoryBudget",
    "Photo",
    "counts",
]
