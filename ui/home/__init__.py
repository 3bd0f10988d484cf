"""The first page: what Maskwise tells, shown on samples."""

from ui.home.illustrations import FAVICON, wearings
from ui.home.trust import headline
from ui.home.wearing_photos import photos_of_wearings

__all__ = [
    "FAVICON",
    "headline",
    "photos_of_wearings",
    "wearings",
]
