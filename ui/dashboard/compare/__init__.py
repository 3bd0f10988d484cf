"""Two models side by side."""

from ui.dashboard.compare import view

__all__ = [
    "view",
]
