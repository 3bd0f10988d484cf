"""How right the model is, overall and by subgroup."""

from ui.dashboard.report import view
from ui.dashboard.report.view import AGAIN

__all__ = [
    "AGAIN",
    "view",
]
