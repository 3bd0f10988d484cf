"""Why the model answered so for a face."""

from ui.dashboard.explain import view

__all__ = [
    "view",
]
