"""The first page: what Maskwise tells, shown on samples."""

from ui.home import sample
from ui.home.illustrations import FAVICON, wearings
from ui.home.trust import headline
from ui.home.ways_in import cards
from ui.home.wearing_photos import photos_of_wearings

__all__ = [
    "FAVICON",
    "cards",
    "headline",
    "photos_of_wearings",
    "sample",
    "wearings",
]
