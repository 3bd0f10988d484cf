"""The model card on the screen and as a page of its own."""

from ui.dashboard.model_card import view

__all__ = [
    "view",
]
