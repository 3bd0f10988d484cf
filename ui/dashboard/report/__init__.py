"""How right the model is, overall and by subgroup."""

from ui.dashboard.report import view

__all__ = ["view"]
