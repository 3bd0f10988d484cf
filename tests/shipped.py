"""What the default model says of itself, whichever it is by now."""

from core.models.card import read_card
from core.models.installed import DEFAULT, SHIPPED

_CARD = read_card(SHIPPED / DEFAULT)
DEFAULT_RUN = _CARD.trained_by
DEFAULT_INPUT = _CARD.input_size  # pixels
DEFAULT_MARGIN = _CARD.quality.min_margin.value
