"""What changes with the threshold, and the operating point that the app uses."""

from ui.dashboard.thresholds import view

__all__ = [
    "view",
]
