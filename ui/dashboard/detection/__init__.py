"""How well faces are found."""

from ui.dashboard.detection import view

__all__ = [
    "view",
]
