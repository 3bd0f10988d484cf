from . import sample as sample
from .illustrations import FAVICON as FAVICON
from .illustrations import wearings as wearings
from .trust import headline as headline
from .ways_in import cards as cards
from .wearing_photos import photos_of_wearings as photos_of_wearings
