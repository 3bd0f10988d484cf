"""The models installed here: folders with a card and weights."""

from __future__ import annotations

import logging
from pathlib import Path

from core import settings
from core.errors import RecordError
from core.files import folders_with, require_displayable_name
from core.models.card import CARD_FILE, ModelCard, read_card

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).parents[2] / "models"
DEFAULT = "mask3"
DEFAULT_MODELS = {"research": DEFAULT, "open": "mask3_open"}  # by what MASKWISE_WEIGHTS says
DEFAULT_DETECTORS = {"research": "face_fpn", "open": "face_fpn_open"}


def default_model() -> str:
    """The classifier that answers where none is named. Raises `SettingsError`."""
    return DEFAULT_MODELS[settings.WEIGHTS.get()]


def default_detector() -> str:
    """The detector of ours that answers where none is named. Raises `SettingsError`."""
    return DEFAULT_DETECTORS[settings.WEIGHTS.get()]


def folders(card_file: str = CARD_FILE) -> dict[str, Path]:
    """Model folders by name: those shipped, then those in $MASKWISE_MODELS, which win over a shipped name.

    `card_file` tells classifiers from detectors.
    """
    roots = (SHIPPED, settings.MODELS.get())
    return {name: path for root in roots if root for name, path in folders_with(root, card_file).items()}


def installed_models() -> dict[str, ModelCard | RecordError]:
    """Card of every model, or what is wrong with it, the default model first."""
    cards: dict[str, ModelCard | RecordError] = {}
    default = default_model()
    for name, folder in sorted(folders().items(), key=lambda item: (item[0] != default, item[0])):
        try:
            require_displayable_name(folder)
            cards[name] = read_card(folder)
        except RecordError as problem:
            cards[name] = problem
    return cards
