"""Which of the two sets of weights answers where none are named, and which others may: `MASKWISE_WEIGHTS`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from core import settings
from core.errors import RecordError, SettingsError
from core.models.card import CARD_FILE, read_card
from core.models.data_bill import Use
from core.models.detector_card import DETECTOR_CARD_FILE, read_detector_card
from core.models.installed import default_detector, default_model, folders


class UsableCard(Protocol):
    """What any card says of what its weights may be used for."""

    @property
    def use(self) -> Use: ...


def why_not_offered(name: str, card: UsableCard) -> str | None:
    """Why a model may not answer under this setting, in words; None where it may."""
    if settings.WEIGHTS.get() != "open" or card.use == "any":
        return None
    return (
        f"{name} is not offered: its card does not allow any use, and {settings.WEIGHTS.name} is open. "
        "For research, unset it."
    )


def require_default_model() -> None:
    """Raises `SettingsError` where weights for any use are asked for, and their classifier is not there."""
    _require(default_model(), CARD_FILE, read_card)


def require_default_detector() -> None:
    """As `require_default_model`, of the detector."""
    _require(default_detector(), DETECTOR_CARD_FILE, read_detector_card)


def require_default_weights() -> None:
    """What the app and the commands ask at their start. Raises `SettingsError`."""
    require_default_model()
    require_default_detector()


def _require(name: str, card_file: str, read: Callable[[Path], UsableCard]) -> None:
    if settings.WEIGHTS.get() != "open":  # what is missing of the others is said where it is loaded
        return
    folder = folders(card_file).get(name)
    if folder is None:
        raise SettingsError(
            f"{settings.WEIGHTS.name} is open, but {name} is not installed: no folder of models has "
            f"{name}/{card_file}. Train it (python -m training.train {name}) and export it, or put its "
            f"folder into that of {settings.MODELS.name}. To use the weights for research, unset "
            f"{settings.WEIGHTS.name}."
        )
    try:
        problem = why_not_offered(name, read(folder))
    except RecordError as broken:
        problem = str(broken)
    if problem:
        raise SettingsError(f"{settings.WEIGHTS.name} is open, but {name} cannot be used. {problem}")
