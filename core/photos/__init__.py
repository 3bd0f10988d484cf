"""Pictures that somebody has checked: kept with what was found on them; or spread over machines."""

from core.bulk import Kind, kind_of
from core.photos.album import Album, MemoryBudget, Photo, counts
from core.photos.ray_engine import RayEngine

__all__ = [
    "Album",
    "Kind",
    "MemoryBudget",
    "Photo",
    "RayEngine",
    "counts",
    "kind_of",
]
