"""Faces that the model got wrong, and corrections of their labels."""

from ui.dashboard.errors import view

__all__ = [
    "view",
]
